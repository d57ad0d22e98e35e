#include "render/html.h"

#include <string.h>

#include "base/text.h"

/*
 * One column, at most 40 em wide, readable at 320 px and in dark mode.  Tables that are too wide for a phone scroll in
 * their own box.  Mail programs that drop <style> still show headings, bold counts and plain tables in order.
 */
static const char style[] =
    ":root{color-scheme:light dark}\n"
    "body{margin:0;padding:0;background:#f2f4f7;color:#16202c;"
    "font:16px/1.5 -apple-system,'Segoe "
    "UI',Roboto,Helvetica,Arial,sans-serif;-webkit-text-size-adjust:100%}\n"
    ".page{max-width:42em;margin:0 auto;background:#fff}\n"
    ".in{padding:0 18px 22px}\n"
    ".alarm,.notice{margin:0;padding:16px "
    "18px;font-size:16px;font-weight:400;color:#fff;background:#a3121f}\n"
    ".notice{background:#1f4e79}\n"
    ".alarm .kind,.notice .kind{display:block;font-size:13px;font-weight:700;letter-spacing:.08em}\n"
    ".alarm .what,.notice "
    ".what{display:block;font-size:23px;line-height:1.25;font-weight:700;margin-top:2px}\n"
    ".alarm .trial,.notice .trial{display:block;font-size:16px;margin-top:2px}\n"
    ".counts{width:100%;border-collapse:collapse;margin:16px 0 6px}\n"
    ".counts td{padding:0 14px 0 0;vertical-align:bottom;border:0}\n"
    ".counts .arm{display:block;font-size:15px;color:#4a5868}\n"
    ".counts .n{display:block;font-size:30px;line-height:1.2;font-weight:700;white-space:nowrap}\n"
    ".counts .pc{display:block;font-size:16px;color:#4a5868}\n"
    "p{margin:8px 0}\n"
    ".lead{font-size:17px;margin:8px 0}\n"
    ".action{margin:14px 0;padding:12px 14px;background:#fff4e0;border-left:5px solid "
    "#d98200;border-radius:3px}\n"
    ".picture{margin:14px 0}\n"
    ".picture img{display:block;width:100%;max-width:480px;height:auto;background:#fff;color:#16202c;"
    "border-radius:3px;font-size:13px}\n"
    "h2{font-size:18px;line-height:1.3;margin:28px 0 6px;padding-top:14px;border-top:1px solid #d9dfe6}\n"
    ".scroll{overflow-x:auto;margin:6px 0}\n"
    "table.t{border-collapse:collapse;width:100%;font-size:14px;line-height:1.35;"
    "font-variant-numeric:tabular-nums}\n"
    ".t th,.t td{padding:6px 12px 6px 0;text-align:left;vertical-align:top;border-bottom:1px solid #e4e9ee}\n"
    ".t th{font-weight:600;color:#4a5868;vertical-align:bottom;border-bottom:2px solid #c3ccd6}\n"
    ".t .r{text-align:right}\n"
    ".t th:last-child,.t td:last-child{padding-right:0}\n"
    ".t .k{white-space:nowrap}\n"
    ".caption{font-size:14px;color:#4a5868;margin:10px 0 2px}\n"
    ".note{font-size:13px;color:#4a5868;overflow-wrap:anywhere}\n"
    "td,p{overflow-wrap:break-word}\n"
    "@media (max-width:480px){.in{padding:0 14px 18px}.alarm,.notice{padding:14px}table.t{font-size:13px}"
    ".t th,.t td{padding-right:8px}}\n"
    "@media (prefers-color-scheme:dark){\n"
    "body{background:#0e1319;color:#e6ebf0}.page{background:#171e26}\n"
    ".alarm{background:#9c1b26}.notice{background:#23527d}\n"
    ".counts .arm,.counts .pc,.note,.caption,.t th{color:#a9b6c3}\n"
    ".action{background:#33270f;border-left-color:#e09a2b}\n"
    "h2{border-top-color:#303a45}.t th,.t td{border-bottom-color:#2c3641}.t th{border-bottom-color:#445060}\n"
    "}\n";

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A blank that keeps numbers together: of "6 of 6", of a telephone number, between a day and its time. */
static bool between_numbers(const char *start, const char *p)
{
    bool after_of = p - start > 3 && memcmp(p - 3, " of", 3) == 0 && is_digit(p[-4]);

    if (p != start && is_digit(p[-1])) {
        return is_digit(p[1]) || (strncmp(p, " of ", 4) == 0 && is_digit(p[4]));
    }
    return after_of && is_digit(p[1]);
}

void html_text(struct buf *out, const char *s)
{
    struct buf shown = {0};

    text_show(&shown, s, strlen(s), SIZE_MAX);
    for (const char *p = buf_cstr(&shown); *p != '\0'; p++) {
        /* Numbers stay with their sign: "8.0 %", "p = 0.017", "p < 0.0001"; and with each other. */
        if (*p == ' ' &&
            (between_numbers(shown.data, p) || p[1] == '%' || ((p[1] == '=' || p[1] == '<') && p[2] == ' ') ||
             (p != shown.data && (p[-1] == '=' || p[-1] == '<')))) {
            buf_str(out, "&nbsp;");
            continue;
        }
        switch (*p) {
        case '&':
            buf_str(out, "&amp;");
            break;
        case '<':
            buf_str(out, "&lt;");
            break;
        case '>':
            buf_str(out, "&gt;");
            break;
        case '"':
            buf_str(out, "&quot;");
            break;
        case '\'':
            buf_str(out, "&#39;");
            break;
        default:
            buf_char(out, *p);
        }
    }
    out->failed = out->failed || shown.failed;
    buf_wipe(&shown);
}

void html_begin(struct buf *out, const char *title)
{
    buf_str(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        /* Nothing said of images: mail programs give those that came with a message names of their own. */
        "<meta http-equiv=\"Content-Security-Policy\" content=\"script-src 'none'; connect-src 'none'; "
        "font-src 'none'; frame-src 'none'; media-src 'none'; object-src 'none'; form-action 'none'; "
        "style-src 'unsafe-inline'\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n"
        "<meta name=\"format-detection\" content=\"telephone=no, date=no, address=no\">\n<title>");
    html_text(out, title);
    buf_str(out, "</title>\n<style>\n");
    buf_str(out, style);
    buf_str(out, "</style>\n</head>\n<body>\n<div class=\"page\" role=\"main\">\n");
}

void html_end(struct buf *out)
{
    buf_str(out, "</div>\n</body>\n</html>\n");
}
