// SPDX-License-Identifier: GPL-2.0
/* Dumps, in /proc and by netlink: what a row takes, and how much memory. */
#include "scale.h"

/* All of /proc/net/pop/channels: rows, time, and how much memory it takes. */
static void dump_proc(long nr)
{
	double start, least, first = memory_settled();
	static char text[1 << 16];
	long rows = 0, reads = 0;
	ssize_t len, i;
	char name[64];
	int fd;

	fd = open("/proc/thread-self/net/pop/channels", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		err(1, "channels");
	least = first;
	start = now();
	while ((len = read(fd, text, sizeof(text))) > 0) {
		for (i = 0; i < len; i++)
			rows += text[i] == '\n';
		if (reads++ % 1000 == 0 && memory_free() < least)
			least = memory_free();
	}
	snprintf(name, sizeof(name), "dump-proc-%ld-ns", nr);
	say(name, (now() - start) / (rows - 1));
	snprintf(name, sizeof(name), "dump-proc-%ld-rows", nr);
	say(name, rows - 1);
	snprintf(name, sizeof(name), "dump-proc-%ld-kib", nr);
	say(name, (first - least) / 1024);
	close(fd);
}

struct dumped {
	long	rows;
	double	least;
};

static void dumped_cb(const struct nlmsghdr *nlh, void *data)
{
	struct dumped *d = data;

	if (d->rows++ % 50000 == 0 && memory_free() < d->least)
		d->least = memory_free();
}

static void dump_netlink(struct kit_body *body, int contracts, long nr)
{
	double start, first = memory_settled();
	struct dumped d = { .least = first };
	struct nlmsghdr *nlh;
	char name[64];
	int i;

	start = now();
	for (i = 0; i < contracts; i++) {
		nlh = kit_start(&k, POP_CMD_CHANNEL_GET, NLM_F_DUMP);
		mnl_attr_put(nlh, POP_A_CHANNEL_CONTRACT, POP_HASH_LEN,
			     body[i].hash);
		mnl_attr_put_u32(nlh, POP_A_CHANNEL_PARTY, B);
		must(kit_call(&k, nlh, dumped_cb, &d), "dump");
	}
	snprintf(name, sizeof(name), "dump-netlink-%ld-ns", nr);
	say(name, (now() - start) / d.rows);
	snprintf(name, sizeof(name), "dump-netlink-%ld-rows", nr);
	say(name, d.rows);
	snprintf(name, sizeof(name), "dump-netlink-%ld-kib", nr);
	say(name, (first - d.least) / 1024);
}

static void dump_contracts(int cmd, const char *what, long nr)
{
	double start, first = memory_settled();
	struct dumped d = { .least = first };
	char name[64];

	start = now();
	must(kit_call(&k, kit_start(&k, cmd, NLM_F_DUMP), dumped_cb, &d), what);
	snprintf(name, sizeof(name), "dump-%s-%ld-ns", what, nr);
	say(name, (now() - start) / d.rows);
	snprintf(name, sizeof(name), "dump-%s-%ld-rows", what, nr);
	say(name, d.rows);
}

/* Of a tenth, and of all of ten thousand contracts with a hundred channels. */
void dump(void)
{
	struct kit_body *body = calloc(CONTRACTS, sizeof(*body));
	int i;

	for (i = 0; i < CONTRACTS; i++)
		body[i] = plain(i, 2, 1, 100);
	for (i = 0; i < CONTRACTS; i++) {
		add(&body[i], B);
		if (i + 1 != CONTRACTS / 10 && i + 1 != CONTRACTS)
			continue;
		dump_proc(100L * (i + 1));
		dump_netlink(body, i + 1, 100L * (i + 1));
		dump_contracts(POP_CMD_CONTRACT_GET, "contracts", i + 1);
		dump_contracts(POP_CMD_PARTY_GET, "parties", i + 1);
	}
}
