/* Resource use of this process. */
#ifndef USAGE_H
#define USAGE_H

#include <stdint.h>

int64_t usage_memory(void);   /* resident bytes; 0 if unknown */
double usage_processor(void); /* CPU seconds since the start */

#endif
