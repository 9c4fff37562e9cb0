// SPDX-License-Identifier: GPL-2.0
/* pop key: the files of identities, contract keys and cards. */

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd.h"
#include "pop.h"
#include "print.h"

static const char help[] =
	"Usage: pop key gen NAME... [ dir DIR ]\n"
	"       pop key card NAME... [ for CONTRACT ] [ dir DIR ]\n"
	"       pop key show FILE...\n"
	"gen   a new identity in DIR/NAME.key; keep it secret, and a copy of it\n"
	"card  a fresh key for one contract in DIR/NAME.secret, and the card for the\n"
	"      author of the contract in DIR/NAME.pub; with \"for\", in\n"
	"      DIR/NAME.CONTRACT.secret and DIR/NAME.CONTRACT.pub\n";

/* What stands behind the names. */
struct where {
	const char *dir;
	const char *contract;
};

static bool is_keyword(const char *word)
{
	return !strcmp(word, "dir") || !strcmp(word, "for");
}

/* Return: how many names there are, or -1 after an error message. */
static int parse(struct where *where, int argc, char **argv)
{
	const struct arg args[] = {
		{ .name = "dir", .value = &where->dir },
		{ .name = "for", .value = &where->contract },
		{}
	};
	int nr = 0;

	while (nr < argc && !is_keyword(argv[nr]))
		nr++;
	if (args_parse(args, argc - nr, argv + nr))
		return -1;
	if (!nr) {
		error("whose key? Give a name");
		return -1;
	}
	if (!where->dir)
		where->dir = ".";
	return nr;
}

static int make_path(char path[PATH_MAX], const struct where *where,
		     const char *name, const char *suffix)
{
	if (!*name || strchr(name, '/'))
		return error("\"%s\" is no name for a key; \"dir\" says where it goes",
			     name);
	if (snprintf(path, PATH_MAX, "%s/%s%s%s%s", where->dir, name,
		     where->contract ? "." : "",
		     where->contract ? where->contract : "", suffix) >=
	    PATH_MAX)
		return error("%s: %s", name, strerror(ENAMETOOLONG));
	return CMD_OK;
}

static void show(const char *path, const char *kind, const u8 *identity,
		 const u8 *key)
{
	u8 hash[POP_HASH_LEN];

	pop_party_hash(hash, identity);
	print_open_object();
	print_string("file", "%s:", path);
	print_string("kind", " %s", kind);
	print_newline(1);
	print_hex("identity", "identity %s", identity, POP_KEY_LEN);
	print_newline(1);
	print_hex("party_hash", "hash %s", hash, POP_HASH_LEN);
	if (key) {
		print_newline(1);
		print_hex("key", "key %s", key, POP_KEY_LEN);
	}
	print_close_object();
}

static int gen_one(const struct where *where, const char *name)
{
	struct pop_identity identity;
	struct pop_error err;
	char path[PATH_MAX];
	int ret;

	if (make_path(path, where, name, ".key"))
		return CMD_FAILED;
	pop_identity_make(&identity);
	ret = pop_identity_write(&identity, path, &err);
	if (!ret)
		show(path, "identity", identity.public, NULL);
	pop_wipe(&identity, sizeof(identity));
	return ret ? error("%s", err.text) : CMD_OK;
}

static int gen(int argc, char **argv)
{
	struct where where = {};
	int nr = parse(&where, argc, argv), i;

	if (nr < 0)
		return CMD_FAILED;
	if (where.contract)
		return error("an identity is not for one contract; try \"pop key card\"");
	if (mkdir(where.dir, 0700) && errno != EEXIST)
		return error("%s: %s", where.dir, strerror(errno));
	for (i = 0; i < nr; i++)
		if (gen_one(&where, argv[i]))
			return CMD_FAILED;
	return CMD_OK;
}

/* Both or none. The secret first: a card without it is of no use to anybody. */
static int write_pair(const struct pop_contract_key *key,
		      const char *secret_path, const struct pop_card *card,
		      const char *card_path, struct pop_error *err)
{
	sigset_t before;
	int ret;

	pop_hold_signals(&before);
	ret = pop_contract_key_write(key, secret_path, err);
	if (!ret) {
		ret = pop_card_write(card, card_path, err);
		if (ret)
			unlink(secret_path);
	}
	pop_free_signals(&before);
	return ret;
}

static int write_card(const struct where *where, const char *name,
		      const struct pop_identity *identity)
{
	char secret_path[PATH_MAX], card_path[PATH_MAX];
	struct pop_contract_key key;
	struct pop_card card;
	struct pop_error err;
	int ret;

	if (make_path(secret_path, where, name, ".secret") ||
	    make_path(card_path, where, name, ".pub"))
		return CMD_FAILED;
	pop_contract_key_make(&key, &card, identity);
	ret = write_pair(&key, secret_path, &card, card_path, &err);
	pop_wipe(&key, sizeof(key));
	if (ret)
		return error("%s", err.text);
	show(card_path, "card", card.identity, card.key);
	return CMD_OK;
}

static int card(int argc, char **argv)
{
	struct where where = {}, identities;
	int nr = parse(&where, argc, argv), i, ret;
	struct pop_identity identity;
	struct pop_error err;
	char path[PATH_MAX];

	if (nr < 0)
		return CMD_FAILED;
	if (where.contract &&
	    !pop_name_valid(where.contract, strlen(where.contract)))
		return error("no contract has the name \"%s\": up to %d of a-z, 0-9, '-', '_', '.'",
			     where.contract, POP_NAME_LEN - 1);
	identities = (struct where) { .dir = where.dir };
	for (i = 0; i < nr; i++) {
		if (make_path(path, &identities, argv[i], ".key"))
			return CMD_FAILED;
		if (pop_identity_read(&identity, path, &err))
			return error("%s", err.text);
		ret = write_card(&where, argv[i], &identity);
		pop_wipe(&identity, sizeof(identity));
		if (ret)
			return ret;
	}
	return CMD_OK;
}

static int show_file(const char *path)
{
	struct pop_identity identity;
	struct pop_contract_key key;
	struct pop_error err;
	struct pop_card card;
	int kind, ret = 0;

	kind = pop_key_file_kind(path, &err);
	switch (kind) {
	case POP_FILE_IDENTITY:
		ret = pop_identity_read(&identity, path, &err);
		if (!ret)
			show(path, "identity", identity.public, NULL);
		pop_wipe(&identity, sizeof(identity));
		break;
	case POP_FILE_CONTRACT_KEY:
		ret = pop_contract_key_read(&key, path, &err);
		if (!ret)
			show(path, "contract-key", key.identity, key.public);
		pop_wipe(&key, sizeof(key));
		break;
	case POP_FILE_CARD:
		ret = pop_card_read(&card, path, &err);
		if (!ret)
			show(path, "card", card.identity, card.key);
		break;
	default:
		ret = kind;
	}
	return ret ? error("%s", err.text) : CMD_OK;
}

static int show_files(int argc, char **argv)
{
	int i;

	if (!argc)
		return error("which file? Try \"pop key help\"");
	for (i = 0; i < argc; i++)
		if (show_file(argv[i]))
			return CMD_FAILED;
	return CMD_OK;
}

static int no_command(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	fputs(help, stderr);
	return CMD_FAILED;
}

int do_key(int argc, char **argv)
{
	static const struct cmd cmds[] = {
		{ "", no_command },
		{ "gen", gen },
		{ "card", card },
		{ "show", show_files },
		{}
	};

	if (pop_init())
		return error("the system gives no randomness");
	return cmd_run(cmds, "pop key", help, argc, argv);
}
