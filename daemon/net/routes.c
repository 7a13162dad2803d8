/* Matches requests against the route table. The table itself is in ../paths.c. */
#include "net/routes.h"

#include <stdlib.h>
#include <string.h>

static bool take_path_number(const char **path, uint64_t *number)
{
    size_t n = strspn(*path, "0123456789");
    if (n == 0 || n > 18 || **path == '0')
        return false;
    *number = strtoull(*path, NULL, 10);
    *path += n;
    return true;
}

static bool pattern_matches(const char *pattern, const char *path, struct request *r)
{
    static const char number[] = "{number}", rest[] = "{rest}";
    while (*pattern) {
        if (!strncmp(pattern, number, sizeof number - 1)) {
            if (!take_path_number(&path, &r->number))
                return false;
            pattern += sizeof number - 1;
        } else if (!strcmp(pattern, rest)) {
            r->rest = path;
            return *path != 0;
        } else if (*pattern++ != *path++) {
            return false;
        }
    }
    return !*path;
}

const struct route *routes_find(const struct routes *routes, struct request *r, int *status,
                                struct buf *allow)
{
    static const char *const names[] = {
        [REQUEST_GET] = "GET, HEAD",
        [REQUEST_POST] = "POST",
        [REQUEST_PUT] = "PUT",
        [REQUEST_DELETE] = "DELETE",
    };
    enum request_method method = r->method == REQUEST_HEAD ? REQUEST_GET : r->method;
    *status = 404;
    for (size_t i = 0; i < routes->n; i++) {
        const struct route *route = &routes->v[i];
        if (!pattern_matches(route->pattern, r->path, r))
            continue;
        if (route->method == method)
            return route;
        *status = 405;
        buf_addf(allow, "%s, ", names[route->method]);
    }
    if (*status == 405)
        buf_adds(allow, "OPTIONS");
    return NULL;
}
