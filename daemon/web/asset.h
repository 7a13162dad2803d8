/* The built-in files of the page. Each has its hash in its name, so browsers may cache it
 * indefinitely. */
#ifndef WEB_ASSET_H
#define WEB_ASSET_H

#include <stddef.h>

struct asset {
    const char *name, *type;
    const char *begin, *end;
    char address[64]; /* "/static/app.0123456789abcdef.css" */
    char etag[24];    /* with its quotes */
};

/* All files; the list ends with a NULL name. */
const struct asset *assets(void);

/* Of the file named so when the page was written: "app.css". */
const char *asset_address(const char *name);

#endif
