/* Repairs a store: what follows from other records is made anew, and entries of indexes that lead
 * nowhere are removed. Nothing is guessed, so records themselves stay as they are, but for counts
 * of an event and its lead; store_check() names the faults that remain. */
#ifndef INGEST_REPAIR_H
#define INGEST_REPAIR_H

/* Writes the store in slices that are committed one by one: after a kill, the next repair
 * continues. Its pages must be intact (store_check_pages()). Calls back with a line for each
 * database in which something was repaired. Returns an error of store_strerror(), STORE_CORRUPT
 * when a record that everything depends on is damaged; what was committed before stays. */
int repair_store(const char *dir, void (*tell)(void *, const char *line), void *arg);

#endif
