/* The address of a feed as people type and paste it, and as feed readers export it. */
#ifndef FEED_FEED_ADDRESS_H
#define FEED_FEED_ADDRESS_H

/* Converts an address to one that can be requested. "feed:" before or instead of the scheme
 * ("feed://kestrel.example/", "feed:https://kestrel.example/") becomes http or https, and so does a
 * missing scheme before a host ("www.kestrel.example/rss"); an ampersand that was escaped twice is
 * unescaped; surrounding blanks are dropped. Everything else stays as given, and is not validated.
 * The caller frees the result. */
char *feed_address(const char *given);

#endif
