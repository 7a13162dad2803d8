/* A configuration file: read, or refused with a message. */
#define _GNU_SOURCE /* memfd_create */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct config c;
    struct buf error;
    char path[64];
    int fd = memfd_create("config", 0);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    buf_init(&error, 8192);
    if (config_read(path, NULL, &c, &error))
        config_free(&c);
    else if (!error.len)
        abort(); /* refused without a word */
    buf_free(&error);
    close(fd);
    return 0;
}
