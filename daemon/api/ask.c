/* Parses query parameters for the handlers of the API and the page, and writes the 400 response
 * for invalid ones. */
#include "api/ask.h"

#include "base/clock.h"
#include "base/moment.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

bool ask_number(const char *name, const char *text, int64_t least, int64_t most, int64_t *value,
                struct reply *out)
{
    char *end;
    errno = 0;
    *value = strtoll(text, &end, 10);
    const char *digits = *text == '-' ? text + 1 : text;
    if (*digits >= '0' && *digits <= '9' && !*end && !errno && *value >= least && *value <= most)
        return true;
    reply_problem(out, 400, "%s=%.40s; expected a number from %" PRId64 " to %" PRId64, name, text,
                  least, most);
    return false;
}

bool ask_moment(const char *name, const char *text, bool ends_span, int64_t *value,
                struct reply *out)
{
    if (moment_read(text, wall_clock(), ends_span, value))
        return true;
    reply_problem(out, 400, "%s=%.40s; expected " MOMENT_FORMS, name, text);
    return false;
}

bool ask_only(const struct request *r, const char *const *names, struct reply *out)
{
    for (size_t i = 0; i < r->n_parameters; i++) {
        const char *name = r->parameters[i].name;
        size_t k = 0;
        while (names[k] && strcmp(names[k], name) != 0)
            k++;
        bool twice = false;
        for (size_t before = 0; before < i; before++)
            twice |= !strcmp(r->parameters[before].name, name);
        if (names[k] && !twice)
            continue;
        struct buf list;
        buf_init(&list, 1024);
        for (k = 0; names[k]; k++)
            buf_addf(&list, "%s%s", k ? ", " : "", names[k]);
        if (twice)
            reply_problem(out, 400, "parameter %.40s is given more than once", name);
        else
            reply_problem(out, 400, "unknown parameter %.40s; expected %s", name,
                          list.len ? buf_text(&list) : "none");
        buf_free(&list);
        return false;
    }
    return true;
}

bool ask_numbers(const struct request *r, const struct ask_parameter *known, size_t n,
                 int64_t *values, struct reply *out)
{
    const char *names[REQUEST_MAX_PARAMETERS + 1] = {NULL};
    for (size_t i = 0; i < n; i++)
        names[i] = known[i].name;
    if (!ask_only(r, names, out))
        return false;
    for (size_t i = 0; i < n; i++) {
        const char *text = request_parameter(r, known[i].name);
        values[i] = known[i].standard;
        if (text &&
            !ask_number(known[i].name, text, known[i].least, known[i].most, &values[i], out))
            return false;
    }
    return true;
}

bool ask_choice(const struct request *r, const char *name, const char *const *choices, int *choice,
                struct reply *out)
{
    const char *names[] = {name, NULL};
    *choice = 0;
    if (!ask_only(r, names, out))
        return false;
    const char *text = request_parameter(r, name);
    if (!text)
        return true;
    struct buf list;
    buf_init(&list, 1024);
    bool found = false;
    for (int i = 0; !found && choices[i]; i++) {
        found = !strcmp(choices[i], text);
        *choice = i;
        buf_addf(&list, "%s%s", i ? ", " : "", choices[i]);
    }
    if (!found)
        reply_problem(out, 400, "%s=%.40s; expected one of %s", name, text, buf_text(&list));
    buf_free(&list);
    return found;
}

bool ask_nothing(const struct request *r, struct reply *out)
{
    static const char *const none[] = {NULL};
    return ask_only(r, none, out);
}
