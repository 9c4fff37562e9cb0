// SPDX-License-Identifier: GPL-2.0
/*
 * What the files in /proc/net/pop say, in whatever pieces they are read.
 *
 * Shows: R7 R19
 */
#include <sys/stat.h>

#include "trio.h"

#define MOST	(1 << 20)

static char text[MOST], again[MOST];

static int proc_open(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/thread-self/net/pop/%s", name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* All of a file, in pieces of @piece bytes. Return: its length. */
static ssize_t proc_read(const char *name, char *to, size_t piece)
{
	int fd = proc_open(name);
	size_t len = 0;
	ssize_t got;

	if (fd < 0)
		return -errno;
	while ((got = read(fd, to + len, piece)) > 0)
		len += got;
	to[len] = 0;
	close(fd);
	return got < 0 ? -errno : (ssize_t)len;
}

static int lines(const char *name)
{
	int n = 0;
	char *p;

	if (proc_read(name, text, 4096) < 0)
		return -1;
	for (p = text; *p; p++)
		n += *p == '\n';
	return n;
}

/*
 * The words of the line of @name that begins with these of @first, one space
 * between two, in a buffer that the next call writes over; or "".
 */
static const char *line(const char *name, const char *first)
{
	static char words[512];
	char *l, *next, *w;

	if (proc_read(name, text, 4096) < 0)
		return "";
	for (l = text; *l; l = next) {
		next = strchr(l, '\n');
		*next++ = 0;
		words[0] = 0;
		for (w = strtok(l, " \t"); w; w = strtok(NULL, " \t")) {
			if (words[0])
				strcat(words, " ");
			strcat(words, w);
		}
		if (!strncmp(words, first, strlen(first)))
			return words;
	}
	return "";
}

static const char *hex(const struct kit_body *b, int digits)
{
	static char out[2 * POP_HASH_LEN + 1];
	int i;

	for (i = 0; i < digits / 2; i++)
		sprintf(out + 2 * i, "%02x", b->hash[i]);
	return out;
}

/* What is printed by this must be the line of @name that begins with @first. */
#define EXPECT_LINE(name, first, ...) do {				\
	char want_[512];						\
									\
	snprintf(want_, sizeof(want_), __VA_ARGS__);			\
	EXPECT_STREQ(want_, line(name, first));				\
} while (0)

TEST_F(pop, node)
{
	EXPECT_LINE("node", "family", "family %d", AF_POP);
	EXPECT_LINE("node", "port", "port %d", POP_DEFAULT_PORT);
	EXPECT_LINE("node", "contracts", "contracts 1");
	EXPECT_LINE("node", "parties", "parties 3");
	EXPECT_LINE("node", "pending", "pending 0");
	EXPECT_LINE("node", "kept", "kept 0");
	EXPECT_LINE("node", "relayed", "relayed 0");
	EXPECT_EQ(0, strncmp("version ", line("node", "version"), 8));
	EXPECT_EQ(8, lines("node"));
}

TEST_F(pop, contracts)
{
	struct kit_contract other = contract;
	struct kit_body b;

	EXPECT_EQ(0, strncmp("contract name state parties phases slots local",
			     line("contracts", "contract"), 47));
	EXPECT_LINE("contracts", hex(&self->body, 64),
		    "%s socket open 3 2 11 p0000:0,p0001:0,p0002:0",
		    hex(&self->body, 64));
	EXPECT_EQ(2, lines("contracts"));

	other.name = "other";
	other.salt = 5;
	b = kit_encode(&other);
	ASSERT_EQ(0, kit_contract_add(&self->k, &b, 3));
	EXPECT_LINE("contracts", hex(&b, 64), "%s other installed 3 2 11 -",
		    hex(&b, 64));
	ASSERT_EQ(0, kit_party_add(&self->k, &b, C, 0));
	EXPECT_LINE("contracts", hex(&b, 64), "%s other open 3 2 11 p0002:0",
		    hex(&b, 64));
	EXPECT_LINE("node", "parties", "parties 4");
	ASSERT_EQ(0, kit_contract_set(&self->k, b.hash,
				      POP_CONTRACT_STATE_ABORTED));
	EXPECT_LINE("contracts", hex(&b, 64), "%s other aborted 3 2 11 p0002:0",
		    hex(&b, 64));

	ASSERT_EQ(1, SEND(self->a, 0, BILL, B, "1"));
	EXPECT_LINE("contracts", hex(&self->body, 64),
		    "%s socket running 3 2 11 p0000:0,p0001:0,p0002:0",
		    hex(&self->body, 64));
	free(b.data);
}

TEST_F(pop, contracts__phases)
{
	int i;

	for (i = 0; i < 3; i++)
		ASSERT_EQ(1, SEND(self->a, 0, BILL, B, "1"));
	for (i = 0; i < 2; i++)
		ASSERT_EQ(1, SEND(self->a, 0, NEWS, POP_PARTY_ANY, "2"));
	ASSERT_EQ(1, SEND(self->b, 0, WIDE, POP_PARTY_ANY, "3"));
	for (i = 0; i < 5; i++)
		EXPECT_LE(0, recv(self->b, text, sizeof(text), 0));
	for (i = 0; i < 3; i++)
		EXPECT_LE(0, recv(self->c, text, sizeof(text), 0));
	EXPECT_MESSAGE(self->a, "3");
	EXPECT_LINE("contracts", hex(&self->body, 64),
		    "%s socket running 3 2 11 p0000:1,p0001:1,p0002:1",
		    hex(&self->body, 64));
	ASSERT_EQ(1, SEND(self->c, 1, LAST, A, "4"));
	ASSERT_EQ(1, SEND(self->b, 1, REPLY, A, "5"));
	EXPECT_LE(0, recv(self->a, text, sizeof(text), 0));
	EXPECT_LE(0, recv(self->a, text, sizeof(text), 0));
	EXPECT_LINE("contracts", hex(&self->body, 64),
		    "%s socket settling 3 2 11 p0000:1,p0001:1,p0002:1",
		    hex(&self->body, 64));
	ASSERT_EQ(0, kit_contract_set(&self->k, self->body.hash,
				      POP_CONTRACT_STATE_CLOSED));
	EXPECT_LINE("contracts", hex(&self->body, 64),
		    "%s socket closed 3 2 11 p0000:1,p0001:1,p0002:1",
		    hex(&self->body, 64));
}

/* "CONTRACT PARTY DIRECTION PHASE ACTION PEER" */
static const char *channel(const struct kit_body *b, int party,
			   const char *direction, int phase,
			   const char *action, int peer)
{
	static char first[128];

	snprintf(first, sizeof(first), "%s p%04d %s %d %s p%04d", hex(b, 16),
		 party, direction, phase, action, peer);
	return first;
}

#define EXPECT_CHANNEL(party, direction, phase, action, peer, says) do { \
	const char *first_ = channel(&self->body, party, direction, phase, \
				     action, peer);			\
	const char *line_ = line("channels", first_);			\
									\
	EXPECT_EQ(0, strncmp(first_, line_, strlen(first_)))		\
		TH_LOG("no line %s", first_);				\
	EXPECT_EQ(0, strncmp(says " ", line_ + strlen(first_) + 1,	\
			     strlen(says) + 1)) TH_LOG("%s", line_);	\
} while (0)

/* The last column but one. */
static const char *digest_of(const char *line)
{
	static char text[256];
	char *last;

	snprintf(text, sizeof(text), "%s", line);
	last = strrchr(text, ' ');
	if (!last)
		return "";
	*last = '\0';
	last = strrchr(text, ' ');
	return last ? last + 1 : "";
}

TEST_F(pop, channels)
{
	char digest[17] = "";

	/* each channel has two ends, and both are here */
	EXPECT_EQ(1 + 2 * (1 + 2 + 2 + 1 + 1), lines("channels"));
	EXPECT_LINE("channels", "contract",
		    "contract party dir phase action peer state executed slots digest flags");
	EXPECT_CHANNEL(A, "out", 0, "bill", B, "open 0 3");
	EXPECT_CHANNEL(B, "in", 0, "bill", A, "open 0 3");
	EXPECT_CHANNEL(C, "in", 0, "news", A, "open 0 2");
	EXPECT_CHANNEL(A, "in", 1, "reply", B, "open 0 1");

	ASSERT_EQ(1, SEND(self->a, 0, BILL, B, "1"));
	EXPECT_MESSAGE(self->b, "1");
	EXPECT_CHANNEL(A, "out", 0, "bill", B, "open 1 3");
	EXPECT_CHANNEL(B, "in", 0, "bill", A, "open 1 3");
	ASSERT_EQ(1, SEND(self->b, 0, WIDE, C, "2"));
	EXPECT_MESSAGE(self->c, "2");
	EXPECT_CHANNEL(B, "out", 0, "wide", C, "executed 1 1");
	EXPECT_CHANNEL(C, "in", 0, "wide", B, "executed 1 1");
	EXPECT_CHANNEL(B, "out", 0, "wide", A, "open 0 1");

	/* and both say the same of what was said */
	snprintf(digest, sizeof(digest), "%s",
		 digest_of(line("channels", channel(&self->body, C, "in", 0,
						    "wide", B))));
	EXPECT_EQ(16, strlen(digest));
	EXPECT_STRNE("0000000000000000", digest);
	EXPECT_STREQ(digest,
		     digest_of(line("channels", channel(&self->body, B, "out",
							0, "wide", C))));

	/* nobody takes it */
	close(self->c);
	ASSERT_EQ(1, SEND(self->a, 0, NEWS, POP_PARTY_ANY, "3"));
	EXPECT_MESSAGE(self->b, "3");
	EXPECT_CHANNEL(C, "in", 0, "news", A, "held 0 2");
	EXPECT_NE(0, strcmp("pending 0", line("node", "pending")));
}

TEST_F(pop, sockets)
{
	struct stat st[2];
	char first[32];
	int fd;

	EXPECT_EQ(4, lines("sockets"));
	ASSERT_EQ(0, fstat(self->a, &st[0]));
	snprintf(first, sizeof(first), "%lu ", st[0].st_ino);
	EXPECT_LINE("sockets", first, "%lu 0 messages 0 0 0 %s p0000", st[0].st_ino,
		    hex(&self->body, 16));

	fd = socket(AF_POP, SOCK_RDM, 0);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, fstat(fd, &st[1]));
	ASSERT_EQ(0, fchown(fd, 1234, 0));
	snprintf(first, sizeof(first), "%lu ", st[1].st_ino);
	EXPECT_LINE("sockets", first, "%lu 1234 messages 0 0 0 - -", st[1].st_ino);
	close(fd);
	EXPECT_STREQ("", line("sockets", first));

	/* what is in its queue, and what it keeps while nobody has it */
	ASSERT_EQ(1, SEND(self->b, 0, WIDE, A, "1"));
	EXPECT_EQ(1, recv(self->a, text, sizeof(text), MSG_PEEK));
	snprintf(first, sizeof(first), "%lu 0 messages 0 ", st[0].st_ino);
	EXPECT_STREQ("", line("sockets", first));
	EXPECT_MESSAGE(self->a, "1");
	EXPECT_STRNE("", line("sockets", first));
	ASSERT_EQ(0, kit_party_del(&self->k, &self->body, B));
	ASSERT_EQ(1, SEND(self->a, 0, BILL, B, "2"));
	snprintf(first, sizeof(first), "%lu 0 messages 0 0 ", st[0].st_ino);
	EXPECT_STREQ("", line("sockets", first));
	EXPECT_STRNE("kept 0", line("node", "kept"));

	/* a party that is deleted keeps nothing, though its socket is there */
	ASSERT_EQ(0, kit_party_del(&self->k, &self->body, A));
	EXPECT_STRNE("", line("sockets", first));
	EXPECT_STREQ("kept 0", line("node", "kept"));
}

static const char *const names[] = {
	"node", "contracts", "channels", "sockets", "snmp"
};

/* Several pages of each; nothing is twice there, nothing is lost. */
TEST_F(pop, pieces)
{
	static const size_t pieces[] = { 1, 7, 100, 4095, 4097, MOST / 2 };
	struct kit_contract c = contract;
	struct kit_body b;
	unsigned int i, j;
	ssize_t len;

	for (i = 1; i < 60; i++) {
		c.salt = i;
		b = kit_encode(&c);
		ASSERT_EQ(0, kit_contract_add(&self->k, &b, 3));
		/* some without a local party, in a row, too */
		if (i % 5 > 1)
			ASSERT_EQ(0, kit_party_add(&self->k, &b, i % 3, 0));
		ASSERT_LE(0, socket(AF_POP, SOCK_RDM, 0));
		free(b.data);
	}
	EXPECT_EQ(1 + 60, lines("contracts"));
	EXPECT_EQ(1 + 3 + 59, lines("sockets"));
	for (i = 0; i < 5; i++) {
		len = proc_read(names[i], text, 4096);
		ASSERT_LT(0, len);
		for (j = 0; j < sizeof(pieces) / sizeof(*pieces); j++) {
			ASSERT_EQ(len, proc_read(names[i], again, pieces[j]))
				TH_LOG("%s by %zu", names[i], pieces[j]);
			EXPECT_EQ(0, memcmp(text, again, len));
		}
	}
}

TEST_F(pop, seeks)
{
	unsigned int i;
	ssize_t len;
	int fd, at;

	for (i = 0; i < 5; i++) {
		len = proc_read(names[i], text, 4096);
		fd = proc_open(names[i]);
		ASSERT_LE(0, fd);
		for (at = len + 10; at >= 0; at -= 37) {
			ssize_t want = at < len ? len - at : 0;

			if (want > 50)
				want = 50;
			EXPECT_EQ(want, pread(fd, again, 50, at));
			EXPECT_EQ(0, memcmp(text + at, again, want))
				TH_LOG("%s at %d", names[i], at);
		}
		EXPECT_EQ(-1, pread(fd, again, 50, -1));
		EXPECT_EQ(len, lseek(fd, len, SEEK_SET));
		EXPECT_EQ(0, read(fd, again, 50));
		close(fd);
	}
}

/* Who works with whom is nobody's business but root's. */
TEST_F(pop, privacy)
{
	static const bool open_to_all[] = { true, false, false, false, true };
	unsigned int i;

	ASSERT_EQ(0, seteuid(65534));
	for (i = 0; i < 5; i++) {
		int fd = proc_open(names[i]);

		EXPECT_EQ(open_to_all[i] ? 0 : EACCES, ERRNO(fd))
			TH_LOG("%s", names[i]);
		if (fd >= 0)
			close(fd);
	}
	ASSERT_EQ(0, seteuid(0));
}

TEST_HARNESS_MAIN
