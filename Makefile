# storyd. `make help` lists what can be made.
#
#   V=release|debug|asan|tsan|cov|fuzz    the variant; each has a folder of its own under build/
#   CI=true                          warnings are errors
#   VERBOSE=1                        the commands in full
#   HOST_CC                          the compiler of what runs while building
#   PREFIX, DESTDIR                  where `make install` puts things

V ?= release
PREFIX ?= /usr/local
DESTDIR ?=
SYSCONFDIR ?= /etc
UNITDIR ?= $(PREFIX)/lib/systemd
PYTHON ?= /usr/bin/python3
HOST_CC ?= cc
VERSION := $(file < VERSION)

Q := $(if $(VERBOSE),,@)
say = @echo "  $(1)  $(2)"

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:

# ---- what must be installed (Debian 12 names) ------------------------------------------------
BUILD_PACKAGES := pkg-config libevent-dev libcurl4-openssl-dev libxml2-dev liblmdb-dev \
  libxxhash-dev libjansson-dev libstemmer-dev libpsl-dev libidn2-dev libinih-dev libsystemd-dev \
  libutf8proc-dev libicu-dev zlib1g-dev libssl-dev libsqlite3-dev libnats-dev \
  libturbojpeg0-dev libpng-dev libwebp-dev libgif-dev libseccomp-dev
TEST_PACKAGES := libcmocka-dev python3-pytest python3-lmdb python3-jsonschema python3-feedparser \
  python3-prometheus-client prometheus g++ \
  clang-format cppcheck mandoc valgrind zsh fish chromium chromium-driver nginx-light python3-selenium \
  nats-server
FUZZ_PACKAGES := clang libclang-rt-14-dev
EVAL_PACKAGES := python3-numpy
COV_PACKAGES := gcovr
DEB_PACKAGES := build-essential debhelper dh-python lintian
BENCH_PACKAGES := newsboat sfeed wrk python3-lmdb chromium chromium-driver python3-selenium

B := build/$(V)
.PRECIOUS: %.stamp $(B)/%.o
BUILD_DEPS := build/deps-build.stamp
TEST_DEPS := build/deps-test.stamp
FUZZ_DEPS := build/deps-fuzz.stamp
EVAL_DEPS := build/deps-eval.stamp
COV_DEPS := build/deps-cov.stamp
BENCH_DEPS := build/deps-bench.stamp
DEB_DEPS := build/deps-deb.stamp
ROOT_DEPS := build/deps-root.stamp
IMAGE_DEPS := build/deps-image.stamp
CHECK_IMAGE_DEPS := build/deps-check-image.stamp

# What builds names the packages that are missing; what shows, tests, measures or packages storyd installs
# them.
INSTALLS := $(filter deps demo run deb image picture icons check% tsan% fuzz% coverage% bench% eval% fit% page-peers,$(MAKECMDGOALS))
define install_packages
	@mkdir -p $(@D)
	@missing=; for p in $(1); do \
	  [ "$$(dpkg-query -W -f '$${db:Status-Status}' $$p 2>/dev/null)" = installed ] || missing="$$missing $$p"; done; \
	if [ -n "$$missing" ]; then \
	  [ -n "$(INSTALLS)" ] || { echo "$(2) needs packages that are missing; install them with" >&2; \
	    echo "    make deps, or: sudo apt-get install$$missing" >&2; exit 1; }; \
	  command -v apt-get >/dev/null || { echo "please install what Debian calls:$$missing" >&2; exit 1; }; \
	  sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	  echo "$(2) needs these packages, which apt-get installs now:$$missing"; \
	  $$sudo apt-get update -qq && \
	  $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null || exit 1; \
	fi; touch $@
endef

$(BUILD_DEPS): Makefile ; $(call install_packages,$(BUILD_PACKAGES),Building storyd)
$(TEST_DEPS): Makefile ; $(call install_packages,$(TEST_PACKAGES),Testing storyd)
# one apt-get at a time
$(TEST_DEPS): | $(BUILD_DEPS)
$(FUZZ_DEPS) $(EVAL_DEPS) $(COV_DEPS) $(BENCH_DEPS) $(DEB_DEPS): | $(BUILD_DEPS)
$(FUZZ_DEPS): Makefile ; $(call install_packages,$(FUZZ_PACKAGES),Fuzzing storyd)
$(BENCH_DEPS): Makefile ; $(call install_packages,$(BENCH_PACKAGES),Measuring peers)
$(DEB_DEPS): Makefile ; $(call install_packages,$(DEB_PACKAGES),Packaging storyd)
$(IMAGE_DEPS): Makefile ; $(call install_packages,buildah,Building an image)
$(COV_DEPS): Makefile ; $(call install_packages,$(COV_PACKAGES),Measuring coverage)
$(EVAL_DEPS): Makefile ; $(call install_packages,$(EVAL_PACKAGES),Fitting the join model)

# ---- flags -----------------------------------------------------------------------------------
WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wconversion \
  -Wformat=2 -Wvla -Wundef -Wcast-qual -Wwrite-strings -Wimplicit-fallthrough \
  -Wno-sign-conversion $(if $(CI),-Werror)
HARDENING := -fstack-protector-strong -fstack-clash-protection -fcf-protection \
  -D_FORTIFY_SOURCE=3
CFLAGS_release := -O2 -g $(HARDENING)
LDFLAGS_release := -pie -Wl,-z,relro,-z,now
CFLAGS_debug := -O0 -g3
CFLAGS_asan := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
LDFLAGS_asan := -fsanitize=address,undefined
CFLAGS_tsan := -O1 -g -fsanitize=thread -fno-omit-frame-pointer
LDFLAGS_tsan := -fsanitize=thread
CFLAGS_cov := -O0 -g --coverage
LDFLAGS_cov := --coverage
CFLAGS_fuzz := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
LDFLAGS_fuzz := -fsanitize=address,undefined
ifeq ($(V),fuzz)
CC := clang
endif
ifeq ($(filter $(V),release debug asan tsan cov fuzz),)
$(error V=$(V) is not a variant: take release, debug, asan, tsan, cov or fuzz)
endif

ALL_CFLAGS = -std=gnu11 -Ilib -Idaemon -Ibuild/gen -DSTORYD_VERSION='"$(VERSION)"' $(WARNINGS) \
  -ffile-prefix-map=$(CURDIR)=. -fno-fast-math -ffp-contract=off -fvisibility=hidden -fPIC \
  $(CFLAGS_$(V)) $(CFLAGS)
LIB_LIBS := -lxml2 -ljansson -lstemmer -lpsl -lidn2 -lutf8proc -lxxhash -llmdb -lsqlite3 -lm
DAEMON_LIBS := -levent -lcurl -linih -lsystemd -lz -lcrypto -lnats
# of storyd alone: what scales pictures, and the sandbox for it
PICTURE_LIBS := -lturbojpeg -lpng -lwebp -lgif -lseccomp
# libxml2 keeps its headers in a folder of their own
XML_CFLAGS := -isystem /usr/include/libxml2

# A change of flags rebuilds: the stamp is rewritten only when its text differs.
FLAGS_STAMP := $(B)/flags.stamp
$(shell mkdir -p $(B); echo '$(CC) $(subst ','',$(ALL_CFLAGS)) $(LDFLAGS_$(V))' | cmp -s - $(FLAGS_STAMP) || \
  echo '$(CC) $(subst ','',$(ALL_CFLAGS)) $(LDFLAGS_$(V))' > $(FLAGS_STAMP))

# ---- sources ---------------------------------------------------------------------------------
LIB_SRC := $(sort $(wildcard lib/*/*.c))
DAEMON_SRC := $(filter-out daemon/storyctl/% daemon/storyd.c,$(sort $(wildcard daemon/*.c daemon/*/*.c)))
CTL_SRC := $(sort $(wildcard daemon/storyctl/*.c))
obj = $(patsubst %.c,$(B)/%.o,$(1))
LIB_OBJ := $(call obj,$(LIB_SRC))
DAEMON_OBJ := $(call obj,$(DAEMON_SRC))
CTL_OBJ := $(call obj,$(CTL_SRC))
UNIT_SRC := $(sort $(wildcard tests/unit/test_*.c))
UNIT_BIN := $(patsubst %.c,$(B)/%,$(UNIT_SRC))
UNIT_SHARED := $(call obj,$(filter-out $(UNIT_SRC),$(sort $(wildcard tests/unit/*.c))))
FUZZ_SRC := $(sort $(wildcard tests/fuzz/fuzz_*.c))
FUZZ_BIN := $(patsubst %.c,$(B)/%,$(FUZZ_SRC))

all: $(B)/storyd $(B)/storyctl
ifeq ($(V),release)
all: build/storyd build/storyctl
build/storyd build/storyctl: build/%: $(B)/%
	@ln -sf release/$* $@
endif

$(B)/%.o: %.c $(FLAGS_STAMP) | $(BUILD_DEPS)
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) $(XML_CFLAGS) -MD -MP -c $< -o $@

# the word lists, built in
WORD_LISTS := $(sort $(wildcard config/stopwords/*.txt)) $(sort $(wildcard config/background/*.txt))
build/gen/wordlists.h: lib/text/wordlists.awk $(WORD_LISTS)
	@mkdir -p $(@D)
	$(Q)awk -f $< $(WORD_LISTS) > $@
build/gen/countries_table.h: lib/text/countries.awk config/countries.txt
	@mkdir -p $(@D)
	$(Q)awk -f $^ > $@
build/gen/variants_table.h: lib/text/variants.awk config/variants.txt
	@mkdir -p $(@D)
	$(Q)awk -f $^ > $@
$(B)/lib/text/lang.o: $(addprefix build/gen/,wordlists.h countries_table.h variants_table.h)

SPELT_WORDS := $(WORD_LISTS) $(sort $(wildcard config/spelling/*.txt))
build/gen/spelling_table.h: lib/text/spelling.awk $(SPELT_WORDS)
	@mkdir -p $(@D)
	$(Q)LC_ALL=C awk -f $< $(SPELT_WORDS) > $@
$(B)/lib/text/spelling.o: build/gen/spelling_table.h

TONE_WORDS := $(sort $(wildcard config/tone/*.txt))
build/gen/tones_table.h: lib/digest/tones.awk $(TONE_WORDS)
	@mkdir -p $(@D)
	$(Q)LC_ALL=C awk -f $< $(TONE_WORDS) > $@
$(B)/lib/digest/tone_words.o: build/gen/tones_table.h

build/gen/engine_table.h: lib/cluster/table.awk config/engine.conf
	@mkdir -p $(@D)
	$(Q)awk -f $^ > $@
$(B)/lib/cluster/engine.o: build/gen/engine_table.h

build/gen/cues_table.h: lib/feed/table.awk config/sentences.conf config/boilerplate.conf config/details.conf
	@mkdir -p $(@D)
	$(Q)LC_ALL=C awk -v name=cues -f $^ > $@
$(B)/lib/digest/cue.o: build/gen/cues_table.h

build/gen/kinds_table.h: lib/digest/kinds.awk config/kinds.conf
	@mkdir -p $(@D)
	$(Q)LC_ALL=C awk -f $^ > $@
$(B)/lib/digest/kinds.o: build/gen/kinds_table.h

build/gen/%_table.h: lib/feed/table.awk config/%.conf
	@mkdir -p $(@D)
	$(Q)LC_ALL=C awk -v name=$* -f $^ > $@
$(B)/lib/page/names.o: build/gen/pages_table.h
$(B)/lib/article/publisher.o: build/gen/publishers_table.h
$(B)/lib/article/credit.o: build/gen/agencies_table.h
$(B)/lib/article/source_name.o: build/gen/sources_table.h
$(B)/lib/text/title_faults.o: build/gen/headlines_table.h

build/gen/disputes_table.h: lib/digest/disputes.awk config/disputes.conf
	@mkdir -p $(@D)
	$(Q)LC_ALL=C awk -f $^ > $@
$(B)/lib/digest/token.o: build/gen/disputes_table.h
TOPIC_WORDS := $(sort $(wildcard config/topics/*.txt))
build/gen/topics_table.h: lib/digest/topics.awk config/topics.conf $(TOPIC_WORDS)
	@mkdir -p $(@D)
	$(Q)LC_ALL=C awk -f $^ > $@
$(B)/lib/digest/topic.o: build/gen/topics_table.h
$(B)/lib/digest/keyword.o: build/gen/keywords_table.h

# of ICU's data what is needed, taken now, so that storyd runs without it
build/gen/%: lib/base/gen/%.c lib/base/date_fold.c lib/base/date_fold.h | $(BUILD_DEPS)
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) -std=gnu11 -O1 -Ilib -Wall -Wextra $(filter %.c,$^) -licui18n -licuuc -lutf8proc -o $@
build/gen/dates_table.h build/gen/nfc_table.h: build/gen/%_table.h: build/gen/make_%
	$(Q)$< > $@
$(B)/lib/base/date_name.o: build/gen/dates_table.h
$(B)/lib/base/nfc.o: build/gen/nfc_table.h

# the page's files, built in
$(B)/daemon/api/about.o: config/openapi.json $(wildcard config/schema/*.json)
$(B)/daemon/web/asset.o: daemon/web/app.css daemon/web/app.js daemon/web/desk.js daemon/web/icon.svg $(wildcard daemon/web/*.png)

# the tools of storyctl mcp, built in
$(B)/daemon/storyctl/mcp_tools.o: daemon/storyctl/mcp_tools.json

$(B)/libinternal.a: $(LIB_OBJ)
	@rm -f $@; $(AR) rcs $@ $^
$(B)/libdaemon.a: $(DAEMON_OBJ)
	@rm -f $@; $(AR) rcs $@ $^
# each takes of the two what it needs
ARCHIVES := $(B)/libdaemon.a $(B)/libinternal.a
$(B)/storyd: $(B)/daemon/storyd.o $(ARCHIVES)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS_$(V)) $(LDFLAGS_$(V)) $(LDFLAGS) $^ $(LIB_LIBS) $(DAEMON_LIBS) $(PICTURE_LIBS) -o $@
$(B)/storyctl: $(CTL_OBJ) $(ARCHIVES)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS_$(V)) $(LDFLAGS_$(V)) $(LDFLAGS) $^ $(LIB_LIBS) $(DAEMON_LIBS) -o $@
$(B)/libunit.a: $(UNIT_SHARED)
	@rm -f $@; $(AR) rcs $@ $^
$(B)/tests/unit/%: $(B)/tests/unit/%.o $(B)/libunit.a $(ARCHIVES) | $(TEST_DEPS)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS_$(V)) $(LDFLAGS_$(V)) $(LDFLAGS) $^ $(LIB_LIBS) $(DAEMON_LIBS) $(PICTURE_LIBS) -lcmocka -o $@
$(addsuffix .o,$(UNIT_BIN)) $(UNIT_SHARED): | $(TEST_DEPS)
$(B)/tests/fuzz/%: $(B)/tests/fuzz/%.o $(ARCHIVES) | $(FUZZ_DEPS)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS_$(V)) $(LDFLAGS_$(V)) $(if $(filter fuzz,$(V)),-fsanitize=fuzzer) $^ $(LIB_LIBS) $(DAEMON_LIBS) $(PICTURE_LIBS) -o $@
$(addsuffix .o,$(FUZZ_BIN)): | $(FUZZ_DEPS)

-include $(shell find $(B) -name '*.d' 2>/dev/null)

# ---- libstory: the read API, as it is installed -----------------------------------------------
STORY_OBJ := $(call obj,$(addprefix lib/,store/read.c store/readers.c store/schema.c store/filter.c \
  store/event_head.c store/whole.c text/words.c base/codec.c base/mem.c))
# The number rises when a program that was linked with the library would not run with the next one.
SONAME := libstory.so.1
LIBSTORY := $(B)/$(SONAME)
all: $(LIBSTORY) $(B)/libstory.a

$(LIBSTORY): $(STORY_OBJ)
	$(call say,LD,$@)
	$(Q)$(CC) -shared -Wl,-soname,$(SONAME) $(CFLAGS_$(V)) $(filter-out -pie,$(LDFLAGS_$(V))) $(LDFLAGS) $^ -llmdb -ljansson -lutf8proc -o $@
# one object with its internal names made local, so that the archive exports what the library does
$(B)/libstory.a: $(STORY_OBJ)
	@rm -f $@
	$(Q)ld -r $^ -o $(B)/libstory.o && objcopy --localize-hidden $(B)/libstory.o && $(AR) rcs $@ $(B)/libstory.o

deps: $(BUILD_DEPS) ## install what building needs (apt-get)
	@echo "what building needs is installed"

# ---- run it ----------------------------------------------------------------------------------
picture: all ## draw the picture of an event that the README shows (Chromium)
	@$(PYTHON) tests/demo/picture.py --build $(B)
icons: | $(TEST_DEPS) ## draw the page's icons in PNG from icon.svg (Chromium)
	@$(PYTHON) tests/demo/icons.py
demo: all ## show storyd at work on sample feeds, without the internet
	@$(PYTHON) tests/demo/demo.py --build build

run: all var/storyd.conf ## run storyd on config/feeds.opml, with its data in ./var
	build/storyd -c var/storyd.conf

var/storyd.conf: config/storyd.conf
	@mkdir -p var
	sed -e 's|^#path = .*|path = db|' -e 's|^#list = .*|list = ../config/feeds.opml|' $< > $@

# ---- tests -----------------------------------------------------------------------------------
# From npm: what looks for barriers on the page, and the SDK that talks to `storyctl mcp`. Their tests
# are skipped where npm cannot be reached.
npm_ci = @mkdir -p build/$(1) && cp $^ build/$(1) && \
  npm ci --prefix build/$(1) --ignore-scripts --no-audit --no-fund --fetch-retries=1 \
    --fetch-timeout=20000 >build/$(1)/npm.log 2>&1 && touch $@ || \
  echo "$(2) cannot be installed from npm (build/$(1)/npm.log); its test is skipped"
AXE := build/web/node_modules/axe-core/axe.min.js
$(AXE): tests/web/package.json tests/web/package-lock.json
	$(call npm_ci,web,axe-core)
MCP_SDK := build/mcp/node_modules/@modelcontextprotocol/sdk/package.json
$(MCP_SDK): tests/mcp/package.json tests/mcp/package-lock.json
	$(call npm_ci,mcp,@modelcontextprotocol/sdk)

COUNTS := $(B)/counts
E2E_ENV = STORYD_BUILD=$(CURDIR)/$(B)

check: all $(UNIT_BIN) | $(TEST_DEPS) $(AXE) $(MCP_SDK) ## install what tests need and run them all
	@rm -f $(COUNTS); status=0; \
	$(PYTHON) tests/lint.py $(B) $(COUNTS) || status=1; \
	$(if $(filter release,$(V)),$(MAKE) --no-print-directory -k tidy || status=1;) \
	$(PYTHON) tests/run_unit.py --counts $(COUNTS) $(UNIT_BIN) || status=1; \
	$(E2E_ENV) $(PYTHON) tests/run_e2e.py --counts $(COUNTS) || status=1; \
	awk '{ p += $$1; f += $$2; s += $$3 } END { printf "%d passed, %d failed, %d skipped\n", p, f, s }' $(COUNTS); \
	exit $$status

check-lint: all tidy | $(TEST_DEPS) ## layers, banned functions, format, exported symbols, analyzers
	@$(PYTHON) tests/lint.py $(B)

MEASURING := $(addprefix $(B)/tests/,eval/features eval/topic_terms bench/bench bench/server bench/digest bench/share)
check-unit: $(UNIT_BIN) $(MEASURING) ## the unit tests; what measures is built too
	@$(PYTHON) tests/run_unit.py $(UNIT_BIN)
check-e2e: all | $(TEST_DEPS) $(AXE) $(MCP_SDK) ## the end-to-end tests
	@$(E2E_ENV) $(PYTHON) tests/run_e2e.py

# gcc's analyzer, file by file, and cppcheck. Of gcc 12's findings one kind is left to valgrind and
# the sanitizers: it takes most arrays that are filled in a loop for uninitialized.
PROGRAM_SRC := $(LIB_SRC) $(DAEMON_SRC) $(CTL_SRC) daemon/storyd.c
ANALYZED := $(patsubst %.c,$(B)/%.analyzed,$(PROGRAM_SRC))
tidy: $(ANALYZED) $(B)/cppcheck.stamp ## gcc -fanalyzer and cppcheck, without findings
$(ANALYZED): $(B)/%.analyzed: %.c $(B)/%.o
	$(call say,TIDY,$<)
	$(Q)$(CC) $(ALL_CFLAGS) $(XML_CFLAGS) -fanalyzer -Wno-analyzer-use-of-uninitialized-value -Werror -c $< -o /dev/null && touch $@
$(B)/cppcheck.stamp: $(call obj,$(PROGRAM_SRC)) tests/tidy.cfg tests/tidy.suppressions | $(TEST_DEPS)
	$(call say,TIDY,cppcheck)
	$(Q)cppcheck -q -j2 --std=c11 --language=c --enable=warning,performance,portability --error-exitcode=1 \
	  --library=tests/tidy.cfg --suppressions-list=tests/tidy.suppressions \
	  -Ilib -Idaemon -Ibuild/gen '-DSTORYD_VERSION=""' -D__linux__ $(PROGRAM_SRC) && touch $@

# For editors and clangd.
compile_commands.json: export COMMAND = $(CC) $(ALL_CFLAGS) $(XML_CFLAGS) -c
compile_commands.json: Makefile ## write it, for clangd and editors
	@$(PYTHON) -c 'import json, os, sys; json.dump([{"directory": os.getcwd(), "file": f, \
	  "command": os.environ["COMMAND"] + " " + f} for f in sys.argv[1:]], sys.stdout, indent=1)' $(PROGRAM_SRC) $(UNIT_SRC) > $@

# Races are looked for where two threads meet: the loop and the thread that writes.
TSAN_E2E := $(addprefix tests/e2e/,test_load.py test_full.py test_decisions.py test_live.py test_alerts.py)
tsan: ## under the thread sanitizer: the unit tests, and the daemon under live load
	@$(MAKE) --no-print-directory V=tsan tsan-run
tsan-run: all $(UNIT_BIN) | $(TEST_DEPS)
	@export TSAN_OPTIONS=halt_on_error=1:exitcode=66; status=0; \
	$(PYTHON) tests/run_unit.py $(UNIT_BIN) || status=1; \
	$(E2E_ENV) $(PYTHON) -m pytest -q -rs -p no:cacheprovider $(TSAN_E2E) || status=1; \
	exit $$status

# The most bytes that the input of each target can have in the programs, and what bounds it there.
FUZZ_MOST_cited := 262144      # CITED_ANSWER
FUZZ_MOST_coding := 67108864   # max_document of [poll] at most
FUZZ_MOST_config := 1048576    # nothing; each line at 199 bytes
FUZZ_MOST_digest := 1048576    # DIGEST_ARTICLES of SENTENCE_READ
FUZZ_MOST_date := 1048576      # FEED_MAX_TEXT
FUZZ_MOST_discover := 67108864 # MAX_PAGE of storyctl/find.c
FUZZ_MOST_engine := 1048576    # many articles of ARTICLE_MAX_TITLE and ARTICLE_MAX_TEXT
FUZZ_MOST_envelope := 1048576  # max_payload of nats-server, unless it is told otherwise
FUZZ_MOST_feed := 67108865     # FEED_MAX_BYTES, and a byte that chooses
FUZZ_MOST_header := 262144     # HEADER_MAX_ALL
FUZZ_MOST_html := 1048576      # FEED_MAX_TEXT
FUZZ_MOST_http := 2113536      # MAX_INPUT of net/server.c
FUZZ_MOST_json := 67108864     # FEED_MAX_BYTES
FUZZ_MOST_opml := 67108864     # MAX_LIST of poll/feed_list.c
FUZZ_MOST_page := 16777217      # PAGE_MAX_BYTES, and a byte that chooses
FUZZ_MOST_post := 4194304      # POSTS of FEED_MAX_TEXT would be more; what is read of each is less
FUZZ_MOST_query := 501          # QUERY_MAX, and one more
FUZZ_MOST_record := 4194304    # three records; an event's notes and sources are the longest
FUZZ_MOST_restore := 33554433  # 16 bytes a word of rarity, and a byte that chooses
FUZZ_MOST_rights := 524289     # TDMREP_MAX_BYTES, and one that is not read
FUZZ_MOST_robots := 524289     # ROBOTS_MAX_BYTES, and one that is not read
FUZZ_MOST_sentence := 65536    # SENTENCE_READ is read of a text, SENTENCE_MAX_TEXT of a title
FUZZ_MOST_url := 2097153       # two of MAX_URL of base/url.c
FUZZ_RUNS = $(foreach f,$(FUZZ_BIN),$(f):$(strip $(or $(FUZZ_MOST_$(f:$(B)/tests/fuzz/fuzz_%=%)),\
  $(error $(f): say in the Makefile how long its input can be (FUZZ_MOST_...)))))

FUZZ_SECONDS ?= 60
fuzz: ## run each fuzz target for FUZZ_SECONDS (60)
	@$(MAKE) --no-print-directory V=fuzz fuzz-all
fuzz-all: $(FUZZ_BIN)
	@status=0; for f in $(FUZZ_RUNS); do most=$${f##*:}; f=$${f%:*}; name=$${f##*/fuzz_}; \
	  mkdir -p $(B)/corpus/$$name; echo "== $$name, $(FUZZ_SECONDS) s, inputs of up to $$most bytes"; \
	  $$f -max_len=$$most -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=1024 -print_final_stats=0 \
	    -verbosity=0 -artifact_prefix=$(B)/$$name- $(B)/corpus/$$name tests/fuzz/corpus/$$name || status=1; \
	done; exit $$status

coverage: ## how much of lib/ and daemon/ the tests run
	@$(MAKE) --no-print-directory V=cov coverage-run
coverage-run: $(COV_DEPS)
	@find $(B) -name '*.gcda' -delete
	@$(MAKE) --no-print-directory V=cov check
	gcovr -r . --filter 'lib/' --filter 'daemon/' $(B)

# ---- speed ------------------------------------------------------------------------------------
# What is measured on is no part of storyd; where it is missing a sample that is stands in for it.
SAMPLE := tests/sample
SAMPLE_FEEDS := build/sample-feeds
on_sample = @case " $(abspath $(SAMPLE) $(SAMPLE_FEEDS)) " in *" $(abspath $(1)) "*) \
  echo "$(if $(wildcard $(2)),,no $(2); )measuring on the sample in $(SAMPLE), which is too small to judge by:" \
  "its figures only show that all runs";; esac

REPLAY ?= $(or $(wildcard ../shared/replay),$(SAMPLE_FEEDS))
$(SAMPLE_FEEDS): $(wildcard $(SAMPLE)/*.py $(SAMPLE)/*.jsonl $(SAMPLE)/*/*.jsonl)
	@$(PYTHON) $(SAMPLE)/feeds.py $@
$(B)/tests/bench/parse: $(B)/tests/bench/parse.o $(ARCHIVES)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS_$(V)) $(LDFLAGS_$(V)) $(LDFLAGS) $^ $(LIB_LIBS) -o $@
bench-parse: $(B)/tests/bench/parse $(filter $(SAMPLE_FEEDS),$(REPLAY)) ## how fast feeds are read: all of REPLAY (../shared/replay, or a sample)
	$(call on_sample,$(REPLAY),../shared/replay)
	@find $(REPLAY) -name '*.xml' -o -name '*.json' | $< -

# All documents of a folder, read under the sanitizers and under valgrind: none of them may complain.
CORPUS ?= ../shared/conformance
check-corpus: $(B)/tests/bench/parse ## read all of CORPUS (../shared/conformance) under ASan, UBSan and valgrind
	@$(MAKE) --no-print-directory V=asan build/asan/tests/bench/parse
	find $(CORPUS)/corpus $(CORPUS)/realworld -type f | build/asan/tests/bench/parse -
	find $(CORPUS)/corpus $(CORPUS)/realworld -type f | \
	  valgrind -q --suppressions=tests/valgrind.supp --error-exitcode=1 --leak-check=full --errors-for-leak-kinds=definite,possible $< -

# ---- fitting and measuring the grouping: on labelled stories ----------------------------------
LABELLED ?= $(or $(wildcard ../shared/eval),$(SAMPLE))
say_labelled = $(call on_sample,$(LABELLED),../shared/eval)
$(B)/tests/eval/features: $(B)/tests/eval/features.o $(B)/libinternal.a
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS_$(V)) $(LDFLAGS_$(V)) $(LDFLAGS) $^ $(LIB_LIBS) -o $@
eval: $(addprefix $(B)/tests/eval/,features kind_features topic_terms) | $(EVAL_DEPS) ## measure the grouping on labelled stories, beside two baselines, topics and kinds of facts
	$(say_labelled)
	@$(PYTHON) tests/eval/measure.py --features $< --data $(LABELLED) --conf config/engine.conf
	@$(FIT_TOPICS) --measure
	@$(FIT_KINDS) --measure
PAGES ?= ../shared/pages
EVENTS ?= ../shared/events
eval-events: all ## measure what events say against what readers wrote down (EVENTS)
	@test -x $(EVENTS)/score.py && $(PYTHON) $(EVENTS)/score.py $(B)/storyctl describe || \
	  echo "eval-events is skipped: there is no $(EVENTS)/score.py; name the folder with EVENTS="
eval-pages: all $(B)/tests/bench/page ## measure what is read of web pages, and how fast, beside two peers (PAGES)
	@if [ -x $(PAGES)/score.py ]; then echo storyd; $(PYTHON) $(PAGES)/score.py $(CURDIR)/$(B)/storyctl page --url {url}; \
	  d=$$(mktemp -d); for f in $(PAGES)/html/*.gz; do zcat $$f > $$d/$$(basename $$f .gz).html; done; $(B)/tests/bench/page $$d/*.html; rm -r $$d; \
	  $(MAKE) --no-print-directory page-peers; \
	else echo "eval-pages is skipped: there is no $(PAGES)/score.py; name the folder with PAGES="; fi
# What reads articles elsewhere, to measure beside storyd; each is left out where it cannot be installed.
PAGE_PEERS := build/eval-pages
$(PAGE_PEERS)/node_modules.stamp: tests/eval/package.json tests/eval/package-lock.json
	@mkdir -p $(PAGE_PEERS) && cp $^ $(PAGE_PEERS)
	@{ command -v npm >/dev/null && npm ci --prefix $(PAGE_PEERS) --omit=optional --omit=peer --ignore-scripts --no-audit --no-fund \
	  --fetch-retries=1 --fetch-timeout=20000; } >$(PAGE_PEERS)/npm.log 2>&1 && touch $@ || \
	  echo "@mozilla/readability and linkedom cannot be installed from npm ($(PAGE_PEERS)/npm.log)"

# ignored where apt-get fails: a minus before the call would hold for its first line only
.IGNORE: $(PAGE_PEERS)/deb.stamp
$(PAGE_PEERS)/deb.stamp: Makefile | $(BUILD_DEPS)
	$(call install_packages,python3-readability,Measuring pages beside a peer)

page-peers: $(PAGE_PEERS)/node_modules.stamp $(PAGE_PEERS)/deb.stamp
	@if $(PYTHON) -c 'import readability' 2>/dev/null; then echo "python3-readability"; \
	  $(PYTHON) $(PAGES)/score.py $(PYTHON) $(CURDIR)/tests/eval/readability.py; \
	else echo "python3-readability is missing: it is not measured (apt-get install python3-readability)"; fi
	@if ! command -v node >/dev/null; then echo "node is missing: @mozilla/readability is not measured"; \
	elif [ ! -e $(PAGE_PEERS)/node_modules.stamp ]; then echo "@mozilla/readability is missing: it is not measured (npm; $(PAGE_PEERS)/npm.log)"; \
	else echo "@mozilla/readability with linkedom"; \
	  $(PYTHON) $(PAGES)/score.py node $(CURDIR)/tests/eval/readability.mjs $(CURDIR)/$(PAGE_PEERS)/node_modules {url}; fi
fit: $(B)/tests/eval/features | $(EVAL_DEPS) ## fit the join and merge models of config/engine.conf again
	$(say_labelled)
	$(PYTHON) tests/eval/fit.py --features $< --data $(LABELLED) --conf config/engine.conf

$(B)/tests/eval/kind_features: $(B)/tests/eval/kind_features.o $(B)/libinternal.a
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS_$(V)) $(LDFLAGS_$(V)) $(LDFLAGS) $^ $(LIB_LIBS) -o $@
FIT_KINDS = $(PYTHON) tests/eval/kinds.py --features $(B)/tests/eval/kind_features --data $(LABELLED) \
  --pages $(PAGES) --conf config/kinds.conf
fit-kinds: $(B)/tests/eval/kind_features | $(EVAL_DEPS) ## fit the model of config/kinds.conf again
	$(say_labelled)
	$(FIT_KINDS)

# what words tell an article's topic
$(B)/tests/eval/topic_terms: $(B)/tests/eval/topic_terms.o $(B)/libinternal.a
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS_$(V)) $(LDFLAGS_$(V)) $(LDFLAGS) $^ $(LIB_LIBS) -o $@
FIT_TOPICS = $(PYTHON) tests/eval/topics.py --terms $(B)/tests/eval/topic_terms --data $(LABELLED) \
  --replay $(REPLAY) --events $(EVENTS)/events.jsonl.gz
fit-topics: $(B)/tests/eval/topic_terms | $(EVAL_DEPS) ## fit the words of config/topics again
	$(say_labelled)
	$(FIT_TOPICS)

# ---- speed and memory ------------------------------------------------------------------------
BENCH_SRC := tests/bench/bench.c tests/bench/stories.c
$(B)/tests/bench/bench: $(call obj,$(BENCH_SRC)) $(ARCHIVES)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS_$(V)) $(LDFLAGS_$(V)) $(LDFLAGS) $^ $(LIB_LIBS) -o $@
$(B)/tests/bench/server: $(addprefix $(B)/tests/bench/,server.o stories.o) $(B)/lib/base/mem.o
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS_$(V)) $(LDFLAGS_$(V)) $(LDFLAGS) $^ -levent -lm -o $@
$(B)/tests/bench/page: $(B)/tests/bench/page.o $(B)/libinternal.a
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS_$(V)) $(LDFLAGS_$(V)) $(LDFLAGS) $^ $(LIB_LIBS) -o $@
$(B)/tests/bench/digest: $(addprefix $(B)/tests/bench/,digest.o stories.o) $(B)/libinternal.a
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS_$(V)) $(LDFLAGS_$(V)) $(LDFLAGS) $^ $(LIB_LIBS) -o $@
bench-pages: all | $(BENCH_DEPS) ## how fast and politely articles' pages are read
	@$(PYTHON) tests/bench/pages.py --storyd $(B)/storyd
bench-digest: $(B)/tests/bench/digest ## what it costs to say anew what an event says
	@$<

bench-poll: all $(B)/tests/bench/server | $(BENCH_DEPS) ## how fast and evenly feeds are asked, beside newsboat and sfeed_update
	@$(PYTHON) tests/bench/poll.py --server $(B)/tests/bench/server --storyd $(B)/storyd --feedlists ../shared/feedlists

bench-http: all $(B)/tests/bench/server | $(BENCH_DEPS) ## how fast storyd answers, from a store of a million articles
	@$(PYTHON) tests/bench/web.py --storyd $(B)/storyd --server $(B)/tests/bench/server --work build/bench

bench-search: all $(filter $(SAMPLE_FEEDS),$(REPLAY)) | $(BENCH_DEPS) ## how large the search index is, and how fast searches are: of REPLAY
	$(call on_sample,$(REPLAY),../shared/replay)
	@$(PYTHON) tests/bench/search.py --build $(B) --replay $(REPLAY)

$(B)/tests/bench/share: $(B)/tests/bench/share.o $(ARCHIVES)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS_$(V)) $(LDFLAGS_$(V)) $(LDFLAGS) $^ $(LIB_LIBS) -o $@
bench-cluster: all $(B)/tests/bench/share | $(BENCH_DEPS) $(TEST_DEPS) ## how fast a cluster stores, how far replicas are behind, how long a take-over lasts
	@$(B)/tests/bench/share
	@$(PYTHON) tests/bench/cluster.py

soak-cluster: all | $(TEST_DEPS) ## kill, stop and cut off processes of a cluster and its brokers for some minutes
	@$(PYTHON) tests/soak/cluster.py

bench: bench-poll bench-http bench-search bench-digest $(B)/tests/bench/bench ## measure speed and memory, beside their limits and a peer
	@$(PYTHON) tests/bench/run.py --bench $(B)/tests/bench/bench --work build/bench --data $(LABELLED)

format: ## clang-format all C files
	@clang-format -i $(wildcard lib/*.h lib/*/*.[ch] lib/*/*/*.[ch] daemon/*.[ch] daemon/*/*.[ch] tests/*/*.[ch])

# ---- install ---------------------------------------------------------------------------------
BINDIR := $(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib
MANDIR := $(PREFIX)/share/man
# where Debian's Python looks below /usr, and below /usr/local
PYTHONDIR ?= $(PREFIX)/lib/$(if $(filter /usr,$(PREFIX)),python3,$(shell $(PYTHON) -c 'import sys; print("python%d.%d" % sys.version_info[:2])'))/dist-packages
# likewise for zsh
ZSHDIR ?= $(PREFIX)/share/zsh/$(if $(filter /usr,$(PREFIX)),vendor-completions,site-functions)
COMPLETIONS := $(PREFIX)/share/bash-completion/completions/storyctl $(ZSHDIR)/_storyctl \
  $(PREFIX)/share/fish/vendor_completions.d/storyctl.fish
MAN_PAGES := $(wildcard daemon/*.[1-9] daemon/storyctl/*.[1-9] config/*.[1-9] lib/*.[1-9])
CONFIG_FILES := config/storyd.conf config/feeds.opml
D := $(DESTDIR)
fill = sed -e 's|@PREFIX@|$(PREFIX)|g' -e 's|@BINDIR@|$(BINDIR)|g' -e 's|@LIBDIR@|$(LIBDIR)|g' \
  -e 's|@SYSCONFDIR@|$(SYSCONFDIR)|g' -e 's|@VERSION@|$(VERSION)|g'
# storyd@NAME.service: one of several processes on a machine (storyd-cluster(7))
instance = -e 's|/storyd\.conf$$|/%i.conf|' -e 's|^\(State\|Runtime\)Directory=storyd$$|&-%i|' \
  -e 's|^Description=.*|& (%i)|'

install: all ## install below PREFIX (/usr/local), DESTDIR before it
	install -d $(D)$(BINDIR) $(D)$(LIBDIR)/pkgconfig $(D)$(PREFIX)/include $(D)$(SYSCONFDIR)/storyd \
	  $(D)$(UNITDIR)/system $(D)$(PREFIX)/lib/sysusers.d $(D)$(PREFIX)/lib/tmpfiles.d \
	  $(D)$(PREFIX)/share/storyd/schema $(dir $(addprefix $(D),$(COMPLETIONS)))
	install -m 755 $(B)/storyd $(B)/storyctl $(D)$(BINDIR)
	install -m 644 lib/story.h $(D)$(PREFIX)/include
	install -m 644 $(LIBSTORY) $(B)/libstory.a $(D)$(LIBDIR)
	install -D -m 644 lib/python/storyd.py $(D)$(PYTHONDIR)/storyd.py
	ln -sf $(SONAME) $(D)$(LIBDIR)/libstory.so
	$(fill) lib/libstory.pc.in > $(D)$(LIBDIR)/pkgconfig/libstory.pc
	$(fill) systemd/storyd.service > $(D)$(UNITDIR)/system/storyd.service
	$(fill) $(instance) systemd/storyd.service > $(D)$(UNITDIR)/system/storyd@.service
	$(fill) systemd/storyd-backup.service > $(D)$(UNITDIR)/system/storyd-backup.service
	install -m 644 systemd/storyd.socket systemd/storyd-backup.timer $(D)$(UNITDIR)/system
	install -m 644 systemd/storyd.sysusers $(D)$(PREFIX)/lib/sysusers.d/storyd.conf
	install -m 644 systemd/storyd.tmpfiles $(D)$(PREFIX)/lib/tmpfiles.d/storyd.conf
	install -m 644 config/schema/*.json $(D)$(PREFIX)/share/storyd/schema
	install -m 644 config/alerts.yml config/dashboard.json $(D)$(PREFIX)/share/storyd
	install -m 644 daemon/storyctl/storyctl.bash $(D)$(word 1,$(COMPLETIONS))
	install -m 644 daemon/storyctl/storyctl.zsh $(D)$(word 2,$(COMPLETIONS))
	install -m 644 daemon/storyctl/storyctl.fish $(D)$(word 3,$(COMPLETIONS))
	for m in $(MAN_PAGES); do install -D -m 644 $$m $(D)$(MANDIR)/man$${m##*.}/$${m##*/} || exit 1; done
	for f in $(CONFIG_FILES); do t=$(D)$(SYSCONFDIR)/storyd/$${f##*/}; \
	  [ -e $$t ] && echo "$$t is kept" || install -m 644 $$f $$t || exit 1; done

uninstall: ## remove what install put there, but for the configuration and the data
	rm -f $(D)$(BINDIR)/storyd $(D)$(BINDIR)/storyctl $(D)$(PREFIX)/include/story.h \
	  $(D)$(LIBDIR)/libstory.a $(D)$(LIBDIR)/libstory.so $(D)$(LIBDIR)/$(SONAME) $(D)$(LIBDIR)/pkgconfig/libstory.pc \
	  $(D)$(UNITDIR)/system/storyd.service $(D)$(UNITDIR)/system/storyd@.service $(D)$(UNITDIR)/system/storyd.socket \
	  $(D)$(UNITDIR)/system/storyd-backup.service $(D)$(UNITDIR)/system/storyd-backup.timer \
	  $(D)$(PREFIX)/lib/sysusers.d/storyd.conf $(D)$(PREFIX)/lib/tmpfiles.d/storyd.conf $(addprefix $(D),$(COMPLETIONS))
	rm -f $(D)$(PYTHONDIR)/storyd.py
	rm -rf $(D)$(PREFIX)/share/storyd
	for m in $(MAN_PAGES); do rm -f $(D)$(MANDIR)/man$${m##*.}/$${m##*/}; done

# ---- packages ---------------------------------------------------------------------------------
# Built from a copy of the tracked files, so that nothing is written into the tree.
deb: | $(DEB_DEPS) ## build Debian packages in build/deb
	@rm -rf build/deb && mkdir -p build/deb/storyd && git ls-files -z | tar -c --null -T - | tar -x -C build/deb/storyd
	cd build/deb/storyd && env -u MAKEFLAGS -u MFLAGS dpkg-buildpackage -b -us -uc >../build.log 2>&1 || { tail -20 ../build.log; exit 1; }
	@ls build/deb/*.deb

# only root may enter another system's root
AS_ROOT = $(if $(filter 0,$(shell id -u)),,sudo)
check-openapi: all | $(TEST_DEPS) ## lint the OpenAPI document with redocly, and compile the TypeScript types made of it
	@mkdir -p build/api && cp tests/api/package.json tests/api/package-lock.json build/api
	npm ci --prefix build/api --ignore-scripts --no-audit --no-fund
	$(E2E_ENV) $(PYTHON) -m pytest -q tests/e2e/test_openapi.py -k tools

check-deb: deb | $(ROOT_DEPS) ## check the packages: lintian; installed, upgraded, removed and purged in a Debian 12 of their own
	lintian --allow-root --fail-on error,warning --display-level warning build/deb/*.changes
	@$(PYTHON) -B tests/packages/check_deb.py newer build/deb
	@$(AS_ROOT) unshare -m $(PYTHON) -B tests/packages/check_deb.py check build/deb

# On the image that BASE names, or on that of Debian. docker is the format that keeps the health check; with
# chroot the build needs no runtime of containers.
image: | $(IMAGE_DEPS) ## build a container image, storyd
	buildah build --isolation chroot --format docker $(if $(BASE),--build-arg BASE=$(BASE)) -t storyd:$(VERSION) -t storyd .

check-image: | $(CHECK_IMAGE_DEPS) ## check the image on a base of its own: health, and the end on SIGTERM
	@$(AS_ROOT) $(PYTHON) -B tests/packages/check_image.py

# ignored where apt-get fails: the checks say what they skip
.IGNORE: $(ROOT_DEPS) $(CHECK_IMAGE_DEPS)
$(ROOT_DEPS): Makefile | $(DEB_DEPS)
	$(call install_packages,mmdebstrap,Checking packages in a system of their own)
$(CHECK_IMAGE_DEPS): Makefile
	$(call install_packages,mmdebstrap buildah,Checking the image)

help: ## this list
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

clean: ## remove build/
	rm -rf build

.PHONY: all bench-cluster soak-cluster check-openapi deps demo picture icons run check check-lint tidy check-unit check-e2e tsan tsan-run fuzz fuzz-all coverage coverage-run bench bench-parse bench-digest bench-pages bench-poll bench-http bench-search check-corpus eval eval-events eval-pages page-peers fit fit-kinds fit-topics format \
  install uninstall help clean
