/* The API's description: OpenAPI, JSON Schemas. */
#ifndef API_ABOUT_H
#define API_ABOUT_H

#include "api/context.h"

/* GET /api/v1/openapi.json, /api/v1/schema/{rest} */
routes_handler describe_openapi, describe_schema;

#endif
