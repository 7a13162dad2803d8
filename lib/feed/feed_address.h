/* The address of a feed as people write it, paste it, and as readers export it. */
#ifndef FEED_FEED_ADDRESS_H
#define FEED_FEED_ADDRESS_H

/* As it can be asked for: what is said by "feed:", before or in place of the scheme
 * ("feed://kestrel.example/", "feed:https://kestrel.example/"), is said by http or https, and so is
 * what has a host and no scheme ("www.kestrel.example/rss"); an ampersand that was escaped twice is
 * one; blanks around it are dropped. All else is as given: whether it can be asked is for who asks
 * to say. To be freed. */
char *feed_address(const char *given);

#endif
