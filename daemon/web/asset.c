/* Holds the page's files and finds one by its hashed name. */
#include "web/asset.h"

#include "base/hash.h"
#include "builtin.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

BUILTIN_FILE(asset_css, "daemon/web/app.css");
BUILTIN_FILE(asset_js, "daemon/web/app.js");
BUILTIN_FILE(asset_desk, "daemon/web/desk.js");
BUILTIN_FILE(asset_icon, "daemon/web/icon.svg");
BUILTIN_FILE(asset_icon_192, "daemon/web/icon-192.png");
BUILTIN_FILE(asset_icon_512, "daemon/web/icon-512.png");
BUILTIN_FILE(asset_tile_180, "daemon/web/tile-180.png");
BUILTIN_FILE(asset_tile_512, "daemon/web/tile-512.png");

const struct asset *assets(void)
{
    static struct asset all[] = {
        {"app.css", "text/css; charset=utf-8", asset_css, asset_css_end, "", ""},
        {"app.js", "text/javascript; charset=utf-8", asset_js, asset_js_end, "", ""},
        {"desk.js", "text/javascript; charset=utf-8", asset_desk, asset_desk_end, "", ""},
        {"icon.svg", "image/svg+xml", asset_icon, asset_icon_end, "", ""},
        {"icon-192.png", "image/png", asset_icon_192, asset_icon_192_end, "", ""},
        {"icon-512.png", "image/png", asset_icon_512, asset_icon_512_end, "", ""},
        {"tile-180.png", "image/png", asset_tile_180, asset_tile_180_end, "", ""},
        {"tile-512.png", "image/png", asset_tile_512, asset_tile_512_end, "", ""},
        {NULL, NULL, NULL, NULL, "", ""},
    };
    for (struct asset *a = all; a->name && !*a->address; a++) {
        uint64_t hash = hash64(a->begin, (size_t)(a->end - a->begin), 0);
        const char *dot = strchr(a->name, '.');
        snprintf(a->etag, sizeof a->etag, "\"%016" PRIx64 "\"", hash);
        snprintf(a->address, sizeof a->address, "/static/%.*s.%016" PRIx64 "%s",
                 (int)(dot - a->name), a->name, hash, dot);
    }
    return all;
}

const char *asset_address(const char *name)
{
    for (const struct asset *a = assets(); a->name; a++)
        if (!strcmp(a->name, name))
            return a->address;
    return "";
}
