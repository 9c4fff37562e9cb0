// SPDX-License-Identifier: GPL-2.0
/* A directory for a test, and parties with all their keys: see fixture.h. */

#include <dirent.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fixture.h"

/* The worked contract with the cards beside it; cli.sh uses the file itself. */
const char six_party[] =
	"contract: six-party\n"
	"faulty: 1\n"
	"parties: {p1: p1.pub, p2: p2.pub, p3: p3.pub,\n"
	"          p4: p4.pub, p5: p5.pub, p6: p6.pub}\n"
	"phases:\n"
	"  - deadline: 2h\n"
	"    actions:\n"
	"      - {name: order, from: p1, to: [p2, p4], same: true, consistency: all, hours: 8h}\n"
	"  - deadline: 8h\n"
	"    actions:\n"
	"      - {name: parts, from: p2, to: [p3, p5], hours: 16h}\n"
	"      - {name: frame, from: p4, to: [p5], hours: 12h}\n"
	"  - deadline: 4h\n"
	"    actions:\n"
	"      - {name: sub-assembly, from: p3, to: [p6], hours: 4h}\n"
	"      - {name: unit, from: p5, to: [p6], hours: 6h}\n";

void fixture_make(struct fixture *fixture)
{
	const char *tmp = getenv("TMPDIR");

	if (pop_init())
		errx(1, "pop_init");
	snprintf(fixture->dir, sizeof(fixture->dir), "%.40s/pop-unit.XXXXXX",
		 tmp ? tmp : "/tmp");
	if (!mkdtemp(fixture->dir))
		err(1, "%s", fixture->dir);
}

void fixture_remove(struct fixture *fixture)
{
	struct dirent *entry;
	DIR *dir = opendir(fixture->dir);

	if (!dir)
		err(1, "%s", fixture->dir);
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
	if (rmdir(fixture->dir))
		err(1, "%s", fixture->dir);
}

const char *fixture_path(const struct fixture *fixture, const char *name)
{
	static char paths[4][PATH_MAX];
	static unsigned int turn;
	char *path = paths[turn++ % 4];

	snprintf(path, PATH_MAX, "%s/%s", fixture->dir, name);
	return path;
}

void fixture_write(const struct fixture *fixture, const char *name,
		   const void *data, size_t len)
{
	FILE *file = fopen(fixture_path(fixture, name), "w");

	if (!file || fwrite(data, 1, len, file) != len || fclose(file))
		err(1, "%s", name);
}

static void make_party(const struct fixture *fixture, const char *name)
{
	struct pop_identity identity;
	struct pop_contract_key key;
	struct pop_error err;
	struct pop_card card;
	char file[64];

	pop_identity_make(&identity);
	pop_contract_key_make(&key, &card, &identity);
	snprintf(file, sizeof(file), "%s.key", name);
	if (pop_identity_write(&identity, fixture_path(fixture, file), &err))
		errx(1, "%s", err.text);
	snprintf(file, sizeof(file), "%s.secret", name);
	if (pop_contract_key_write(&key, fixture_path(fixture, file), &err))
		errx(1, "%s", err.text);
	snprintf(file, sizeof(file), "%s.pub", name);
	if (pop_card_write(&card, fixture_path(fixture, file), &err))
		errx(1, "%s", err.text);
}

void fixture_parties(const struct fixture *fixture, const char *names)
{
	char *copy = strdup(names), *name;

	for (name = strtok(copy, " "); name; name = strtok(NULL, " "))
		make_party(fixture, name);
	free(copy);
}

struct pop_contract *fixture_compile(const struct fixture *fixture,
				     const char *yaml, struct pop_error *err)
{
	struct pop_contract *contract;
	void *body;
	u32 len;

	fixture_write(fixture, "c.yaml", yaml, strlen(yaml));
	if (pop_compile(fixture_path(fixture, "c.yaml"), &body, &len, err))
		return NULL;
	contract = malloc(sizeof(*contract));
	if (pop_contract_write(body, len, fixture_path(fixture, "c.pop"),
			       err) ||
	    pop_contract_read(contract, fixture_path(fixture, "c.pop"), err))
		errx(1, "%s", err->text);
	free(body);
	return contract;
}

void fixture_release(struct pop_contract *contract)
{
	pop_contract_release(contract);
	free(contract);
}
