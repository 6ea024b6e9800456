#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# check_recipes.sh [BIN] - follows the recipes of CONTRIBUTING.md for a tool and for a figure in a
# copy of the tree, builds the result, and checks its output and its manuals. The copy takes from
# BIN the tools that the recipes do not change.
cd "$(dirname "$0")/../.." || exit 1
. tests/doc/lib.sh

bin=$(cd "${1:-build/bin}" && pwd) || exit 1
source=$(pwd)
copy=$tmp/copy
tool=iotrial-bytes	# NAME of the recipe
figure=tried

# edit FILE AWK-PROGRAM: the output of the program replaces the file.
edit() {
	awk "$2" "$1" >"$tmp/edited" || fail "$1: awk"
	! cmp -s "$1" "$tmp/edited" || fail "$1: nothing to edit was found; does it look otherwise now?"
	cp "$tmp/edited" "$1"
}

add_tool() {
	mkdir "tools/$tool"
	sed "s/ioamp-stat/$tool/g" tools/ioamp-stat/ioamp-stat.c >"tools/$tool/$tool.c"
	edit CMakeLists.txt "{ print } /^add_tool\(ioamp-stat\)/ { print \"add_tool($tool)\" }"
	sed "s/ioamp-stat/$tool/g; s/IOAMP-STAT/IOTRIAL-BYTES/g" man/ioamp-stat.8 >"man/$tool.8"
	sed "s/ioamp-stat/$tool/g" man/examples/ioamp-stat.txt >"man/examples/$tool.txt"
	edit README.md "{ print } /^\| \`ioamp-stat\`/ { gsub(\"ioamp-stat\", \"$tool\"); print }"
}

# A real figure also needs a call of account() in a probe text. bpf.matrix compiles the probe texts.
add_figure() {
	edit probes/abi.h '{ sub("CACHE_REPLACED }", "CACHE_REPLACED, CACHE_TRIED }"); print }'
	edit common/ledger/figures.h "/X\(replaced,/ {
		print \"\tX($figure, MAYBE, KNOWN_ALWAYS, CACHE_TRIED) \\\\\" } { print }"
}

explain_figure() {
	printf '.Pp\n%s\n%s\nare bytes of a trial.\n' "${figure}_bytes" "cache_${figure}" >>man/iolayers.7
}

# Prints a summary of two rows, in which the new figure is 7 each.
write_summary() { # json|csv
	cat <<-'END' >"$tmp/summary.c"
		#include <string.h>
		#include "report/out.h"
		int main(int argc, char **argv)
		{
			struct summary s = { .tool = "t", .version = "0", .kernel = "k", .types = "btf",
					     .settle_s = -1, .interval_s = -1, .exit_status = -1 };
			struct out_style style = { 0 };
			struct row row = { .by = BY_TOTAL };

			for (int i = 0; i < LAYER_MAX; i++)
				s.layers[i].available = true;
			figures_zero(&row);
			figures_post_cache(&row, CACHE_TRIED, 7);
			figures_zero(&s.totals);
			s.totals.by = BY_TOTAL;
			figures_add(&s.totals, &row);
			figures_add(&s.totals, &row);
			return argc > 1 && !strcmp(argv[1], "csv") ? out_summary_csv(stdout, &s, &style) :
								     out_summary_json(stdout, &s, NULL);
		}
	END
	[ -x "$tmp/summary" ] || cc -std=gnu11 -D_GNU_SOURCE -I. -Icommon -o "$tmp/summary" "$tmp/summary.c" \
		build/libreport.a build/libledger.a build/libmachine.a build/libbase.a build/libprobes.a -lm ||
		fail "a program that writes a summary does not build"
	"$tmp/summary" "$1"
}

built() {
	cmake -S . -B build -DCMAKE_BUILD_TYPE=None -DCMAKE_C_FLAGS=-O0 -DBUILD_TESTING=OFF -DIOAMP_WERROR=ON &&
		cmake --build build --parallel 2 --target "$tool"
}

# Prints the files that a recipe of CONTRIBUTING.md names; NAME is the new tool.
# shellcheck disable=SC2016 # backticks are text
files_of_recipe() { # TITLE
	awk -v title="- **$1:**" '
		index($0, "- **") == 1 { on = index($0, title) == 1 }
		/^#/ || /^$/ { on = 0 }
		on' CONTRIBUTING.md | grep -oE '`[a-zA-Z0-9./_-]+`' | tr -d '`' | sed "s/NAME/$tool/g" | sort -u |
		grep -E '/|^(CMakeLists\.txt|README\.md)$'
}

# Runs the doc test in the copy, in which only the new tool was built.
doc_test() {
	cp -n "$bin"/* build/bin/
	tests/doc/check_docs.sh build/bin
}

# ----------------------------------------------------------------------------------------

mkdir "$copy"
tar -cf - CMakeLists.txt README.md CONTRIBUTING.md LICENSE setup common man probes tests tools |
	tar -xf - -C "$copy"
cd "$copy" || exit 1
add_tool
add_figure
built >"$tmp/build.log" 2>&1 || {
	tail -n 30 "$tmp/build.log"
	fail "the recipes do not build"
	end_if_failed
}

"build/bin/$tool" --help | grep -q "^Usage: $tool " || fail "the new tool has no help"
write_summary json | grep -q "\"${figure}_bytes\":14" || fail "JSON lacks the new figure"
write_summary csv | tr -d '\r' | awk -F , -v column="cache_${figure}_bytes" '
	NR == 1 { for (i = 1; i <= NF; i++) if ($i == column) at = i }
	NR == 2 && at && $at == 14 { good = 1 }
	END { exit !good }' || fail "CSV lacks the new figure"

# With the new figure in the golden files, the doc test misses its paragraph and nothing else.
write_summary json >tests/data/contract.json
write_summary csv >tests/data/odd.csv
doc_test >"$tmp/without"
grep '^FAIL: ' "$tmp/without" >"$tmp/missing"
grep -q "$figure" "$tmp/missing" || fail "the doc test does not miss the new figure's paragraph"
grep -v "$figure" "$tmp/missing" | fail_lines "the doc test"
explain_figure
doc_test | grep '^FAIL: ' | fail_lines "the doc test, after the last step"

# The recipes name the changed files and no others. The probe text has no fixed name.
{
	files_of_recipe "A tool"
	files_of_recipe "A figure of the page cache"
} | sort >"$tmp/named"
[ "$(wc -l <"$tmp/named")" -ge 6 ] || fail "the recipes of CONTRIBUTING.md could not be read"
find . -type f ! -path './build/*' ! -path './tests/*' | sed 's,^\./,,' | while read -r file; do
	cmp -s "$file" "$source/$file" || echo "$file"
done | sort >"$tmp/changed"
comm -13 "$tmp/named" "$tmp/changed" | fail_lines "the recipes do not name a file that they change"
comm -23 "$tmp/named" "$tmp/changed" | fail_lines "the recipes name a file that was not changed"

end_if_failed
echo "the recipes for a tool and for a figure hold"
