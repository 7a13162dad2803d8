/* A queue between threads and the loop; see channel.h. */
#include "roles/channel.h"

#include "base/mem.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { MAX_BYTES = 64 << 20 };

struct channel {
    pthread_mutex_t lock;
    pthread_cond_t room;
    struct message *first, **last;
    size_t n, most, bytes;
    int fd;
    bool closed;
};

struct message *message_new(int kind, const char *data, size_t n)
{
    struct message *m = mem_zero(sizeof *m);
    m->kind = kind;
    m->data = mem_alloc(n + 1);
    if (n)
        memcpy(m->data, data, n);
    m->data[n] = 0;
    m->n = n;
    return m;
}

void message_free(struct message *m)
{
    if (!m)
        return;
    free(m->subject);
    free(m->reply);
    free(m->data);
    free(m);
}

struct channel *channel_new(size_t most)
{
    struct channel *c = mem_zero(sizeof *c);
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->room, NULL);
    c->last = &c->first;
    c->most = most;
    c->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (c->fd < 0)
        abort(); /* no descriptors at the start: nothing would work */
    return c;
}

void channel_free(struct channel *c)
{
    struct message *m;
    if (!c)
        return;
    while ((m = channel_take(c)))
        message_free(m);
    close(c->fd);
    pthread_cond_destroy(&c->room);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

int channel_fd(const struct channel *c)
{
    return c->fd;
}

bool channel_put(struct channel *c, struct message *m, bool wait)
{
    pthread_mutex_lock(&c->lock);
    while (wait && !c->closed && (c->n >= c->most || c->bytes > MAX_BYTES))
        pthread_cond_wait(&c->room, &c->lock);
    bool fits = !c->closed && c->n < c->most && c->bytes <= MAX_BYTES;
    if (fits) {
        *c->last = m;
        c->last = &m->next;
        c->n++;
        c->bytes += m->n;
        eventfd_write(c->fd, 1);
    }
    pthread_mutex_unlock(&c->lock);
    if (!fits)
        message_free(m);
    return fits;
}

struct message *channel_take(struct channel *c)
{
    pthread_mutex_lock(&c->lock);
    struct message *m = c->first;
    if (m) {
        c->first = m->next;
        if (!c->first)
            c->last = &c->first;
        m->next = NULL;
        c->n--;
        c->bytes -= m->n;
        pthread_cond_broadcast(&c->room);
    } else {
        eventfd_t times;
        eventfd_read(c->fd, &times);
    }
    pthread_mutex_unlock(&c->lock);
    return m;
}

void channel_close(struct channel *c)
{
    pthread_mutex_lock(&c->lock);
    c->closed = true;
    pthread_cond_broadcast(&c->room);
    pthread_mutex_unlock(&c->lock);
}
