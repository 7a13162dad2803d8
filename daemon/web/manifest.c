/* Writes the web app manifest. Addresses are relative to it, so that a proxy may serve the page
 * below a path. */
#include "web/manifest.h"

#include "web/asset.h"

#include <jansson.h>
#include <stdlib.h>

static json_t *icons_of_app(void)
{
    static const struct {
        const char *name, *sizes, *type, *purpose;
    } all[] = {{"icon.svg", "any", "image/svg+xml", "any"},
               {"icon-192.png", "192x192", "image/png", "any"},
               {"icon-512.png", "512x512", "image/png", "any"},
               {"tile-512.png", "512x512", "image/png", "maskable"}};
    json_t *icons = json_array();
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        json_array_append_new(
            icons, json_pack("{s:s,s:s,s:s,s:s}", "src", asset_address(all[i].name) + 1, "sizes",
                             all[i].sizes, "type", all[i].type, "purpose", all[i].purpose));
    return icons;
}

/* One colour is standard; browsers that know dark ones take them from color_scheme_dark, and all of
 * them the window's from the page's theme-color. */
void manifest_page(struct routes_context *c, const struct request *r, struct reply *out)
{
    (void)c, (void)r;
    json_t *manifest = json_pack(
        "{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:{s:s,s:s},s:[s],s:o}", "id", "./", "name", "storyd",
        "short_name", "storyd", "description", "News articles grouped into events.", "lang", "en",
        "start_url", "./", "display", "standalone", "theme_color", MANIFEST_LIGHT,
        "background_color", MANIFEST_LIGHT, "color_scheme_dark", "theme_color", MANIFEST_DARK,
        "background_color", MANIFEST_DARK, "categories", "news", "icons", icons_of_app());
    char *text = json_dumps(manifest, JSON_INDENT(1));
    out->type = "application/manifest+json";
    buf_adds(&out->body, text);
    free(text);
    json_decref(manifest);
}
