/* The web app manifest (W3C), with which browsers install the page as an application. */
#ifndef WEB_MANIFEST_H
#define WEB_MANIFEST_H

#include "api/context.h"

/* The page's paper in app.css, in light and in dark: the colour of the window around it. */
#define MANIFEST_LIGHT "#fbfaf8"
#define MANIFEST_DARK  "#15171a"

/* GET /manifest.webmanifest */
routes_handler manifest_page;

#endif
