#ifndef STORYCTL_READ_PAGE_H
#define STORYCTL_READ_PAGE_H

int page_main(int argc, char **argv);

#endif
