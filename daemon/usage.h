/* What this process takes of the machine. */
#ifndef USAGE_H
#define USAGE_H

#include <stdint.h>

int64_t usage_memory(void);   /* resident bytes; 0 where the system does not tell */
double usage_processor(void); /* seconds since the start */

#endif
