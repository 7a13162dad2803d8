/* Prints the versions of storyd or storyctl and of the libraries behind it. The libraries are asked
 * at run time: what is installed may be newer than what storyd was built with. */
#include "version.h"

#include <curl/curl.h>
#include <event2/event.h>
#include <idn2.h>
#include <jansson.h>
#include <libpsl.h>
#include <libxml/parser.h>
#include <lmdb.h>
#include <nats/nats.h>
#include <openssl/crypto.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <utf8proc.h>
#include <xxhash.h>
#include <zlib.h>

static const char *curl_text(void)
{
    return curl_version_info(CURLVERSION_NOW)->version;
}

static const char *idn2_text(void)
{
    return idn2_check_version(NULL);
}

static const char *openssl_text(void)
{
    return OpenSSL_version(OPENSSL_VERSION_STRING);
}

static int xml_number(void)
{
    return (int)strtol(xmlParserVersion, NULL, 10);
}

static int lmdb_number(void)
{
    int major, minor, patch;
    mdb_version(&major, &minor, &patch);
    return major * 10000 + minor * 100 + patch;
}

/* xxHash is compiled in (base/hash.c). */
static int xxhash_number(void)
{
    return XXH_VERSION_NUMBER;
}

/* libstemmer, inih and libsystemd do not tell their versions. */
static const struct {
    const char *name;
    const char *(*text)(void);
    int (*number)(void); /* without a text: 10203 is 1.2.3 */
} libraries[] = {
    {"libevent", event_get_version, NULL}, {"libcurl", curl_text, NULL},
    {"libxml2", NULL, xml_number},         {"LMDB", NULL, lmdb_number},
    {"xxHash", NULL, xxhash_number},       {"jansson", jansson_version_str, NULL},
    {"libpsl", psl_get_version, NULL},     {"libidn2", idn2_text, NULL},
    {"utf8proc", utf8proc_version, NULL},  {"zlib", zlibVersion, NULL},
    {"OpenSSL", openssl_text, NULL},       {"SQLite", sqlite3_libversion, NULL},
    {"libnats", nats_GetVersion, NULL},
};

void version_print(const char *program)
{
    printf("%s " STORYD_VERSION "\n", program);
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) {
        printf("  %-10s", libraries[i].name);
        if (libraries[i].text) {
            puts(libraries[i].text());
        } else {
            int n = libraries[i].number();
            printf("%d.%d.%d\n", n / 10000, n / 100 % 100, n % 100);
        }
    }
}
