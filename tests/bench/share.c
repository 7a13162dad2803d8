/* Simulates the distribution of a million feeds over a thousand fetchers, by the hash and the
 * schedule alone: how even the load is, in feeds and in requests a second, and how many feeds move
 * when a fetcher leaves and when one joins. Run by make bench-cluster. */
#include "roles/share.h"

#include "base/mem.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { MEMBERS = 1000, FEEDS = 1000000, INTERVAL = 1800, MOST_OF_HOST = 40 };

struct load {
    double mean, deviation;
    unsigned least, most;
};

static uint64_t next_random(uint64_t *x)
{
    *x ^= *x << 13, *x ^= *x >> 7, *x ^= *x << 17;
    return *x;
}

static struct load measure(const unsigned *of, size_t n)
{
    struct load l = {.least = of[0], .most = of[0]};
    double square = 0;
    for (size_t i = 0; i < n; i++) {
        l.mean += of[i] / (double)n;
        square += (double)of[i] * of[i] / (double)n;
        l.least = of[i] < l.least ? of[i] : l.least;
        l.most = of[i] > l.most ? of[i] : l.most;
    }
    l.deviation = sqrt(square - l.mean * l.mean);
    return l;
}

static void print_load(const char *what, struct load l)
{
    printf("  %-34s mean %.1f, deviation %.1f, from %u to %u\n", what, l.mean, l.deviation, l.least,
           l.most);
}

/* Most hosts have one feed, few have many. */
static uint64_t *make_feeds(void)
{
    uint64_t *host = mem_alloc(FEEDS * sizeof *host), x = 88172645463325252u;
    for (int i = 0, n = 0; i < FEEDS; n++) {
        char url[64];
        uint64_t many = 1 + MOST_OF_HOST / (1 + next_random(&x) % (5 * MOST_OF_HOST));
        snprintf(url, sizeof url, "https://paper%d.example/", n);
        for (uint64_t k = 0; k < many && i < FEEDS; k++)
            host[i++] = share_host(url);
    }
    return host;
}

int main(void)
{
    static uint64_t members[MEMBERS + 1];
    static unsigned feeds[MEMBERS + 1], seconds[INTERVAL];
    uint64_t *host = make_feeds(), x = 1234567;
    size_t left = 0, joined = 0, owner = 0, last = 0;
    for (int i = 0; i <= MEMBERS; i++) {
        char name[32];
        snprintf(name, sizeof name, "fetch-%d", i);
        members[i] = share_member(name);
    }
    for (int i = 0; i < FEEDS; i++) {
        if (i == 0 || host[i] != host[i - 1]) {
            owner = share_owner(members, MEMBERS, host[i]);
            last = share_owner(members, MEMBERS + 1, host[i]);
        }
        feeds[owner]++;
        left += owner == MEMBERS - 1;
        joined += last == MEMBERS;
        if (owner == 0)
            seconds[next_random(&x) % INTERVAL]++; /* each in its own second of the interval */
    }
    printf("%d feeds, %d fetchers\n", FEEDS, MEMBERS);
    print_load("feeds of a fetcher", measure(feeds, MEMBERS));
    print_load("requests of one in a second", measure(seconds, INTERVAL));
    printf("  %-34s %zu feeds, %.2f of a fetcher's mean\n", "move when one leaves", left,
           (double)left * MEMBERS / FEEDS);
    printf("  %-34s %zu feeds, %.2f of a fetcher's mean\n", "move when one joins", joined,
           (double)joined * (MEMBERS + 1) / FEEDS);
    free(host);
    return 0;
}
