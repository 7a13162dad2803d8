# storyd. `make help` lists what can be made.
#
#   V=release|debug|asan|cov|fuzz    the variant; each has a folder of its own under build/
#   CI=true                          warnings are errors
#   PREFIX, DESTDIR                  where `make install` puts things

V ?= release
PREFIX ?= /usr/local
DESTDIR ?=
SYSCONFDIR ?= $(if $(filter /usr,$(PREFIX)),/etc,$(PREFIX)/etc)
UNITDIR ?= $(PREFIX)/lib/systemd
PYTHON ?= /usr/bin/python3
VERSION := 0.1.0

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.PRECIOUS: %.stamp
.SUFFIXES:

# ---- what must be installed (Debian 12 names) ------------------------------------------------
BUILD_PACKAGES := pkg-config libevent-dev libcurl4-openssl-dev libxml2-dev liblmdb-dev \
  libxxhash-dev libjansson-dev libstemmer-dev libpsl-dev publicsuffix libinih-dev libsystemd-dev \
  libutf8proc-dev
TEST_PACKAGES := libcmocka-dev python3-pytest python3-lmdb python3-jsonschema g++ clang-format mandoc
FUZZ_PACKAGES := clang libclang-rt-14-dev
EVAL_PACKAGES := python3-numpy

B := build/$(V)
BUILD_DEPS := build/deps-build.stamp
TEST_DEPS := build/deps-test.stamp
FUZZ_DEPS := build/deps-fuzz.stamp
EVAL_DEPS := build/deps-eval.stamp

define install_packages
	@mkdir -p $(@D)
	@missing=; for p in $(1); do \
	  [ "$$(dpkg-query -W -f '$${db:Status-Status}' $$p 2>/dev/null)" = installed ] || missing="$$missing $$p"; done; \
	if [ -n "$$missing" ]; then \
	  command -v apt-get >/dev/null || { echo "please install what Debian calls:$$missing" >&2; exit 1; }; \
	  sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	  echo "$(2) needs these packages, which apt-get installs now:$$missing"; \
	  $$sudo apt-get update -qq && \
	  $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null || exit 1; \
	fi; touch $@
endef

$(BUILD_DEPS): Makefile ; $(call install_packages,$(BUILD_PACKAGES),Building storyd)
$(TEST_DEPS): Makefile ; $(call install_packages,$(TEST_PACKAGES),Testing storyd)
$(FUZZ_DEPS): Makefile ; $(call install_packages,$(FUZZ_PACKAGES),Fuzzing storyd)
$(EVAL_DEPS): Makefile ; $(call install_packages,$(EVAL_PACKAGES),Fitting the join model)

# ---- flags -----------------------------------------------------------------------------------
WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wconversion \
  -Wformat=2 -Wvla -Wundef -Wcast-qual -Wwrite-strings -Wimplicit-fallthrough \
  -Wno-sign-conversion $(if $(CI),-Werror)
HARDENING := -fstack-protector-strong -fstack-clash-protection -fcf-protection \
  -D_FORTIFY_SOURCE=2 -fPIC
CFLAGS_release := -O2 -g $(HARDENING)
LDFLAGS_release := -pie -Wl,-z,relro,-z,now
CFLAGS_debug := -O0 -g3
CFLAGS_asan := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
LDFLAGS_asan := -fsanitize=address,undefined
CFLAGS_cov := -O0 -g --coverage
LDFLAGS_cov := --coverage
CFLAGS_fuzz := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
LDFLAGS_fuzz := -fsanitize=address,undefined
ifeq ($(V),fuzz)
CC := clang
endif
ifeq ($(filter $(V),release debug asan cov fuzz),)
$(error V=$(V) is not a variant: take release, debug, asan, cov or fuzz)
endif

ALL_CFLAGS = -std=gnu11 -Ilib -Idaemon -Ibuild/gen -DSTORYD_VERSION='"$(VERSION)"' $(WARNINGS) \
  -ffile-prefix-map=$(CURDIR)=. -fno-fast-math -ffp-contract=off -fvisibility=hidden \
  $(CFLAGS_$(V)) $(CFLAGS)
LIB_LIBS := -lxml2 -ljansson -lstemmer -lpsl -lutf8proc -lxxhash -llmdb -lm
DAEMON_LIBS := -levent -lcurl -linih -lsystemd
# libxml2 keeps its headers in a folder of their own
XML_CFLAGS := -isystem /usr/include/libxml2

# A change of flags rebuilds: the stamp is rewritten only when its text differs.
FLAGS_STAMP := $(B)/flags.stamp
$(shell mkdir -p $(B); echo '$(CC) $(subst ','',$(ALL_CFLAGS)) $(LDFLAGS_$(V))' | cmp -s - $(FLAGS_STAMP) || \
  echo '$(CC) $(subst ','',$(ALL_CFLAGS)) $(LDFLAGS_$(V))' > $(FLAGS_STAMP))

# ---- sources ---------------------------------------------------------------------------------
LIB_SRC := $(sort $(wildcard lib/*/*.c))
DAEMON_SRC := $(sort $(wildcard daemon/*.c daemon/poll/*.c))
CTL_SRC := $(sort $(wildcard daemon/storyctl/*.c))
SHARED_SRC := $(filter-out daemon/storyd.c daemon/poll/%,$(DAEMON_SRC))
obj = $(patsubst %.c,$(B)/%.o,$(1))
LIB_OBJ := $(call obj,$(LIB_SRC))
DAEMON_OBJ := $(call obj,$(DAEMON_SRC))
CTL_OBJ := $(call obj,$(CTL_SRC) $(SHARED_SRC))
UNIT_SRC := $(sort $(wildcard tests/unit/test_*.c))
UNIT_BIN := $(patsubst %.c,$(B)/%,$(UNIT_SRC))
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
	$(CC) $(ALL_CFLAGS) $(XML_CFLAGS) -MD -MP -c $< -o $@

# the word lists, built in
WORD_LISTS := $(sort $(wildcard config/stopwords/*.txt)) $(sort $(wildcard config/background/*.txt))
build/gen/wordlists.h: lib/text/wordlists.awk $(WORD_LISTS)
	@mkdir -p $(@D)
	awk -f $< $(WORD_LISTS) > $@
$(B)/lib/text/lang.o: build/gen/wordlists.h

build/gen/engine_table.h: lib/event/table.awk config/engine.conf
	@mkdir -p $(@D)
	awk -f $^ > $@
$(B)/lib/event/engine.o: build/gen/engine_table.h

$(B)/libinternal.a: $(LIB_OBJ)
	@rm -f $@; $(AR) rcs $@ $^
$(B)/storyd: $(DAEMON_OBJ) $(B)/libinternal.a
	$(CC) $(CFLAGS_$(V)) $(LDFLAGS_$(V)) $(LDFLAGS) $^ $(LIB_LIBS) $(DAEMON_LIBS) -o $@
$(B)/storyctl: $(CTL_OBJ) $(B)/libinternal.a
	$(CC) $(CFLAGS_$(V)) $(LDFLAGS_$(V)) $(LDFLAGS) $^ $(LIB_LIBS) -linih -o $@
$(B)/tests/unit/%: $(B)/tests/unit/%.o $(call obj,$(SHARED_SRC)) $(B)/libinternal.a | $(TEST_DEPS)
	$(CC) $(CFLAGS_$(V)) $(LDFLAGS_$(V)) $(LDFLAGS) $^ $(LIB_LIBS) -linih -lcmocka -o $@
$(B)/tests/unit/%.o: | $(TEST_DEPS)
$(B)/tests/fuzz/%: $(B)/tests/fuzz/%.o $(call obj,$(SHARED_SRC)) $(B)/libinternal.a | $(FUZZ_DEPS)
	$(CC) $(CFLAGS_$(V)) $(LDFLAGS_$(V)) $(if $(filter fuzz,$(V)),-fsanitize=fuzzer) $^ $(LIB_LIBS) -linih -o $@
$(B)/tests/fuzz/%.o: | $(FUZZ_DEPS)

-include $(shell find $(B) -name '*.d' 2>/dev/null)

# ---- tests -----------------------------------------------------------------------------------
check-unit: $(UNIT_BIN) all
	@$(PYTHON) tests/run_unit.py $(UNIT_BIN)

# ---- fitting and measuring: needs the labelled stories ---------------------------------------
LABELLED ?= ../shared/eval
$(B)/tests/eval/features: $(B)/tests/eval/features.o $(B)/libinternal.a
	$(CC) $(CFLAGS_$(V)) $(LDFLAGS_$(V)) $(LDFLAGS) $^ $(LIB_LIBS) -o $@
fit: $(B)/tests/eval/features | $(EVAL_DEPS)
	$(PYTHON) tests/eval/fit.py --features $< --data $(LABELLED) --conf config/engine.conf
eval: $(B)/tests/eval/features | $(EVAL_DEPS)
	$(PYTHON) tests/eval/measure.py --features $< --data $(LABELLED) --conf config/engine.conf

clean:
	rm -rf build
.PHONY: all check-unit fit eval clean
