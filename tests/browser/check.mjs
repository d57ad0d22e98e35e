// Both reports and the board's mails as a browser shows them: screenshots against golden images, console, requests,
// accessibility.
//
//   node check.mjs ROOT [--write]      ROOT: the project; --write renews tests/browser/golden
// Reads tests/golden/{closed,open}-report.html and *.eml, which the unit tests compare byte for byte with what the code writes.
import { createRequire } from 'node:module';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import pixelmatch from 'pixelmatch';
import { PNG } from 'pngjs';
import puppeteer from 'puppeteer-core';
import { htmlOf } from './mail.mjs';

const root = resolve(process.argv[2]);
const renew = process.argv.includes('--write');
const golden = join(root, 'tests/browser/golden');
const shots = join(root, 'build/browser/shots');
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const views = [
    { name: '360', width: 360, height: 780, scheme: 'light' },
    { name: '1280', width: 1280, height: 900, scheme: 'light' },
    { name: 'dark', width: 1280, height: 900, scheme: 'dark' },
    { name: 'dark-360', width: 360, height: 780, scheme: 'dark', picture: false },
];
const SCALE = 0.5; // golden images are kept at half size; full ones are in build/browser/shots
const DIFFERENT = 0.01; // share of pixels that may differ: smoothing of letters, not a missing line

let failed = 0;
function t(name, problems) {
    console.log(`${problems.length === 0 ? 'ok' : 'not ok'} - ${name}`);
    problems.forEach((p) => console.log(`#   ${p}`));
    failed += problems.length === 0 ? 0 : 1;
}

function compare(name, bytes) {
    const file = join(golden, `${name}.png`);
    if (renew) {
        writeFileSync(file, bytes);
        return [];
    }
    if (!existsSync(file)) {
        return [`${file} is missing; look at ${shots}/${name}.png, then run with --write`];
    }
    const want = PNG.sync.read(readFileSync(file)), got = PNG.sync.read(bytes);
    if (want.width !== got.width || want.height !== got.height) {
        return [`${got.width} x ${got.height} pixels, ${want.width} x ${want.height} expected`];
    }
    const diff = new PNG({ width: want.width, height: want.height });
    const n = pixelmatch(want.data, got.data, diff.data, want.width, want.height, { threshold: 0.15 });
    const share = n / (want.width * want.height);
    if (share <= DIFFERENT) {
        return [];
    }
    writeFileSync(join(shots, `${name}-diff.png`), PNG.sync.write(diff));
    return [`${(100 * share).toFixed(2)} % of the pixels differ; see ${shots}/${name}-diff.png`];
}

// What a page did and has wrong, at one size and in one colour scheme.
async function examine(browser, url, view) {
    const page = await browser.newPage();
    const said = [], asked = [];
    page.on('console', (m) => said.push(`${m.type()}: ${m.text()}`));
    page.on('pageerror', (e) => said.push(String(e)));
    page.on('request', (r) => { if (r.url() !== url && !r.url().startsWith('data:')) asked.push(r.url()); });
    await page.setViewport({ width: view.width, height: view.height });
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: view.scheme }]);
    await page.goto(url, { waitUntil: 'load' });

    const wide = await page.evaluate(() => document.scrollingElement.scrollWidth - window.innerWidth);
    const dumb = await page.evaluate(() => [...document.querySelectorAll('svg')].filter((s) =>
        ['aria-labelledby', 'aria-describedby'].some((a) =>
            !document.getElementById(s.getAttribute(a))?.textContent.trim())).map((s) => s.outerHTML.slice(0, 90)));
    const faults = await page.evaluate(async (source) => {
        (0, eval)(source);
        const r = await window.axe.run(document, { resultTypes: ['violations'] });
        return r.violations.map((v) => [v.impact, `${v.id}: ${v.help} (${v.nodes.length}): ${v.nodes[0].html.slice(0, 120)}`]);
    }, axe);
    const serious = faults.filter(([i]) => i === 'serious' || i === 'critical').map((f) => f.join(' '));
    const lesser = faults.filter(([i]) => i !== 'serious' && i !== 'critical').map((f) => f.join(' '));
    return { page, said, asked, wide: wide > 0 ? [`${wide} pixels too wide`] : [], dumb, serious, lesser };
}

async function look(browser, report, view, file = join(root, `tests/golden/${report}-report.html`)) {
    const name = `${report}-${view.name}`;
    const x = await examine(browser, pathToFileURL(file).href, view);
    const page = x.page;
    t(`${name}: the console is silent`, x.said);
    t(`${name}: nothing is asked of any network`, x.asked);
    t(`${name}: the page does not scroll sideways`, x.wide);
    t(`${name}: every figure has a title and a description`, x.dumb);
    t(`${name}: axe finds no serious fault`, x.serious);
    t(`${name}: nor any lesser one`, x.lesser);

    if (view.picture !== false) {
        const box = await page.evaluate(() => ({ width: window.innerWidth, height: document.documentElement.scrollHeight }));
        await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
        const small = await page.screenshot({ clip: { x: 0, y: 0, ...box, scale: SCALE }, captureBeyondViewport: true });
        t(`${name}: looks as it did`, compare(name, Buffer.from(small)));
    }
    await page.close();
}

// Golden messages whose pictures are kept beside them, and what the last demo sent, decrypted, if there was one.
const alert = ['alert-cv-figure-1.png', 'alert-cv-figure-2.png'];
const mails = [
    { name: 'alert', file: 'alert-cv-enclosed.eml', pictures: alert, kept: ['360', '1280', 'dark', 'dark-360'] },
    { name: 'alert-unloaded', file: 'alert-cv-enclosed.eml', show: false, kept: ['360'] },
    { name: 'combined', file: 'alert-combined.eml', pictures: [...alert, 'alert-gi-figure-1.png', 'alert-gi-figure-2.png'], kept: ['360'] },
    { name: 'amendment', file: 'alert-cv-amended.eml', kept: ['dark-360'] },
    { name: 'escalation', file: 'letter-escalation.eml', kept: ['360'] },
    { name: 'reminder', file: 'letter-reminder.eml', kept: ['dark-360'] },
    { name: 'quiet', file: 'letter-quiet.eml', kept: ['dark-360'] },
    { name: 'test', file: 'letter-test.eml', kept: ['360'] },
];

async function lookAtMail(browser, dir, mail, file) {
    const { page, pictures, missing } = htmlOf(file, mail), html = join(dir, `${mail.name}.html`);
    writeFileSync(html, page);
    t(`mail-${mail.name}: each of its ${pictures} pictures came with it`, missing);
    for (const view of views) {
        await look(browser, `mail-${mail.name}`, { ...view, picture: mail.kept.includes(view.name) }, html);
    }
}

async function lookAtMails(browser, dir) {
    for (const mail of mails) {
        await lookAtMail(browser, dir, mail, join(root, 'tests/golden', mail.file));
    }
    const demo = join(root, 'build/demo/mail');
    const sent = existsSync(demo) ? readdirSync(demo).filter((f) => f.endsWith('.eml')) : [];
    const first = sent.find((f) => htmlOf(join(demo, f)).pictures > 0);
    if (first) {
        await lookAtMail(browser, dir, { name: 'demo', kept: [] }, join(demo, first));
    } else {
        console.log('# no mail of a demo (make demo): golden messages only');
    }
}

// The checks themselves: one page on which each of them must find something.
async function selfTest(browser, dir) {
    const file = join(dir, 'faults.html');
    writeFileSync(file, `<!DOCTYPE html><html lang="en"><title>faults</title><h1>Faults</h1><p style="color:#ccc">pale</p>
<img src="http://127.0.0.1:9/x.png"><svg role="img"><path d="M0 0"/></svg><h4>too deep</h4><div style="width:3000px">wide</div>`);
    const x = await examine(browser, pathToFileURL(file).href, views[0]);
    await x.page.close();
    for (const what of ['said', 'asked', 'wide', 'dumb', 'serious', 'lesser']) {
        t(`a planted fault is found: ${what}`, x[what].length > 0 ? [] : ['nothing was found']);
    }
}

// Paper is white whatever the reader's screen is, tables are not cut, and everything is on it.
async function print(browser, report) {
    const page = await browser.newPage();
    await page.setViewport({ width: 703, height: 1000 }); // A4 less its margins
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }]);
    await page.emulateMediaType('print');
    await page.goto(pathToFileURL(join(root, `tests/golden/${report}-report.html`)).href);
    const r = await page.evaluate(() => ({
        background: getComputedStyle(document.body).backgroundColor,
        ink: getComputedStyle(document.body).color,
        cut: [...document.querySelectorAll('.scroll')].filter((s) => s.scrollWidth > s.clientWidth + 1)
            .map((s) => `${s.textContent.trim().slice(0, 60)}: ${s.scrollWidth - s.clientWidth} pixels`),
    }));
    t(`${report}: prints dark on white`, r.background === 'rgb(255, 255, 255)' && r.ink === 'rgb(22, 32, 44)' ? [] : [`${r.ink} on ${r.background}`]);
    t(`${report}: no table is cut in print`, r.cut);
    await page.screenshot({ path: join(shots, `${report}-print.png`), fullPage: true });
    await page.close();
}

mkdirSync(shots, { recursive: true });
mkdirSync(golden, { recursive: true });
const profile = mkdtempSync(join(tmpdir(), 'dsmb-browser-'));
// The same letters everywhere.
writeFileSync(join(profile, 'fonts.conf'), `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<dir>/usr/share/fonts/truetype/dejavu</dir><cachedir>${profile}/cache</cachedir>
<match target="pattern"><edit name="family" mode="assign" binding="strong"><string>DejaVu Sans</string></edit></match>
</fontconfig>`);
let browser;
try {
    browser = await puppeteer.launch({
        executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
        headless: true,
        userDataDir: join(profile, 'data'),
        env: { ...process.env, FONTCONFIG_FILE: join(profile, 'fonts.conf') },
        args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
            '--disable-component-update', '--disable-sync', '--font-render-hinting=none', '--disable-lcd-text', '--hide-scrollbars'],
    });
    await selfTest(browser, profile);
    for (const report of ['closed', 'open']) {
        for (const view of views) {
            await look(browser, report, view);
        }
        await print(browser, report);
    }
    await lookAtMails(browser, profile);
} finally {
    await browser?.close();
    rmSync(profile, { recursive: true, force: true });
}
console.log(failed === 0 ? 'browser: all is well' : `browser: ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
