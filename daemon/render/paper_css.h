/*
 * paper_css.h - the style sheet of reports, for paper_html.c.
 *
 * One column on a phone, two columns of figures where there is room; tables that are too wide scroll in their own box,
 * with the first column staying in sight.
 */
#ifndef DSMB_RENDER_PAPER_CSS_H
#define DSMB_RENDER_PAPER_CSS_H

extern const char paper_css_screen[];
extern const char paper_css_print[];

#endif
