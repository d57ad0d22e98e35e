// A message as a mail program takes it apart: the HTML part, its pictures found by their Content-ID.
//
// What the project writes, and no more: nested multiparts, quoted-printable, base64.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

function headers(text) {
    const h = {};
    for (const line of text.replace(/\r\n[ \t]+/g, ' ').split('\r\n')) {
        const colon = line.indexOf(':');
        if (colon > 0) h[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
    }
    return h;
}

function split(text) {
    const blank = text.indexOf('\r\n\r\n');
    return { head: headers(text.slice(0, blank)), body: text.slice(blank + 4) };
}

function decoded(part) {
    const coding = part.head['content-transfer-encoding'] ?? '7bit';
    if (coding === 'base64') return Buffer.from(part.body, 'base64');
    if (coding !== 'quoted-printable') return Buffer.from(part.body, 'latin1');
    return Buffer.from(part.body.replace(/=\r\n/g, '').replace(/=([0-9A-F]{2})/g, (_, x) => String.fromCharCode(parseInt(x, 16))), 'latin1');
}

// Every part that is no multipart, in order.
export function parts(text) {
    const whole = split(text), boundary = /boundary="([^"]+)"/.exec(whole.head['content-type'] ?? '');
    if (!boundary) return [whole];
    return whole.body.split(`--${boundary[1]}`).slice(1, -1).flatMap((p) => parts(p.replace(/^\r\n/, '').replace(/\r\n$/, '')));
}

// `show`: pictures in their place; else as a program shows it that does not load them.  A golden message holds "[base64]"
// for a picture: the n-th is then the n-th of `pictures`, beside it.
export function htmlOf(file, { show = true, pictures = [] } = {}) {
    const all = parts(readFileSync(file, 'latin1')), kind = (p) => (p.head['content-type'] ?? '').split(';')[0];
    const html = all.find((p) => kind(p) === 'text/html');
    let page = decoded(html).toString('utf8'), n = 0;
    const missing = [];
    for (const p of all.filter((x) => kind(x) === 'image/png')) {
        const beside = pictures[n] && join(dirname(file), pictures[n]);
        const png = p.body.startsWith('[base64]') ? existsSync(beside ?? '') && readFileSync(beside) : decoded(p);
        const cid = p.head['content-id'].slice(1, -1);
        n += 1;
        if (!page.includes(`src="cid:${cid}"`)) missing.push(`picture ${n} is nowhere in the HTML`);
        page = page.replace(`src="cid:${cid}"`, show && png ? `src="data:image/png;base64,${png.toString('base64')}"` : 'src="data:,"');
    }
    return { page, pictures: n, missing: page.includes('src="cid:') ? [...missing, 'the HTML shows a picture that is not there'] : missing };
}
