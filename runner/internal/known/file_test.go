package known_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/known"
	"flowtest/runner/internal/known/testdata/entry"
)

func TestMistakesOfKnownFailuresNameTheirLine(t *testing.T) {
	for name, row := range map[string]struct{ text, want string }{
		"missing keys": {
			entry.Of("owner", "-", "reason", "''", "flow", "-"), "FILE:1:3: the entry lacks flow, reason, owner",
		},
		"a flow without a value": {entry.Of("flow", ""), "FILE:1:3: the entry lacks flow"},
		"neither requirement nor step": {
			"# a comment\n\n" + entry.Of("requirement", "-"), "FILE:3:3: the entry has neither requirement nor step, want one of them",
		},
		"both requirement and step": {
			entry.Of("step", "Then it holds"), "FILE:1:3: the entry has both requirement and step, want one of them",
		},
		"an unknown requirement": {
			entry.Of("requirement", "JSON-STEP9-9"), `FILE:1:3: there is no requirement "JSON-STEP9-9": flowtest requirements lists them`,
		},
		"a requirement of an SDK, which fails nothing": {
			entry.Of("requirement", "SDK-WEB-BODY"), `FILE:1:3: there is no requirement "SDK-WEB-BODY": flowtest requirements lists them`,
		},
		"an invalid date": {
			entry.Of("expires", "2026-02-30"), `FILE:1:3: expires is "2026-02-30", want a date such as 2026-04-15`,
		},
		"a date in another manner": {
			entry.Of("expires", "next week"), `FILE:1:3: expires is "next week", want a date such as 2026-04-15`,
		},
		"a node and a journey": {
			entry.Of("node", "a1"), "FILE:1:3: the entry has both journey and node, want journey for a run, or node for the export of a flow",
		},
		"a node, and a requirement of the protocol": {
			entry.Of("node", "a1", "journey", "-"), `FILE:1:3: the entry has a node, so its requirement is one of exports, as in EXPORT-BUTTON-DEAD; found "MODEL-companyId-PRESENCE": flowtest requirements EXPORT lists them`,
		},
		"no date":        {entry.Of("expires", "-"), "FILE:1:3: the entry lacks expires"},
		"an unknown key": {entry.Of("more", "1"), `FILE:7:3: entry 1 has the unknown key "more", want one of journey, node, flow, requirement, step, reason, owner, expires`},
		"a key twice": {entry.Of("more", "1\n  more: 2"), `FILE:7:3: entry 1 has the unknown key "more", want one of journey, node, flow, requirement, step, reason, owner, expires` + "\n" +
			"FILE:8:3: entry 1.more is given twice, first at 7:3, want it once: remove one"},
		"a value of a wrong kind": {
			entry.Of("owner", "[a, b]"), "FILE:5:10: owner of entry 1 is a list, want text",
		},
		"an entry that is a text": {"- sign-on\n", "FILE:1:3: entry 1 has no keys, want journey, node, flow, requirement, step, reason, owner, expires"},
		"an entry that is empty":  {"-\n" + entry.Of(), "FILE:1:2: entry 1 has no keys, want journey, node, flow, requirement, step, reason, owner, expires"},
		"the same entry twice": {
			entry.Of() + entry.Of("reason", "again"), "FILE:7:3: the entry says the same as the one in line 1: remove one",
		},
		"several mistakes": {
			entry.Of("owner", "-") + entry.Of("expires", "soon", "requirement", "X") + entry.Of("more", "1"),
			"FILE:1:3: the entry lacks owner\n" +
				`FILE:6:3: there is no requirement "X": flowtest requirements lists them` + "\n" +
				`FILE:6:3: expires is "soon", want a date such as 2026-04-15` + "\n" +
				`FILE:18:3: entry 3 has the unknown key "more", want one of journey, node, flow, requirement, step, reason, owner, expires`,
		},
		"not a list":    {"journey: s0\n", `FILE:1:1: the file is not a list, want entries that begin with "- journey:"`},
		"a text":        {"# a comment\nnothing known\n", `FILE:2:1: the file is not a list, want entries that begin with "- journey:"`},
		"not YAML":      {entry.Of() + "- {journey: s0\n", "FILE:7:3: the file is not YAML, "},
		"a tab":         {"-\tjourney: s0\n\tflow: x\n", "FILE:1:9: the file is not YAML, "},
		"two documents": {entry.Of() + "---\n" + entry.Of(), "FILE:7:1: the file has a second document, want one: remove what follows the first"},
		"an alias": {
			entry.Of("reason", "&why it lacks it") + entry.Of("journey", "s1", "reason", "*why"),
			"FILE:4:11: reason of entry 1 is an anchor, an alias or a tag, want text: write the value out, in quotes where it begins with &, * or !\n" +
				"FILE:10:11: reason of entry 2 is an anchor, an alias or a tag, want text: write the value out, in quotes where it begins with &, * or !",
		},
		"a merge": {
			entry.Of() + "- <<: {journey: s1}\n", "FILE:7:3: entry 2 has a merge key <<, want none: write the keys out",
		},
		"a file that is too large": {
			strings.Repeat("# "+strings.Repeat("x", 1021)+"\n", 2048), "FILE:1:1: the file is larger than 262144 bytes, want a smaller one",
		},
		"brackets without end": {entry.Of() + strings.Repeat("[", 100_000), "FILE:7:2001: the file opens 2001 brackets, want less nesting"},
		"dashes without end":   {strings.Repeat("- ", 100_000), "FILE:1:1: the file is indented by 200000, want less nesting"},
	} {
		t.Run(name, func(t *testing.T) {
			k, err := known.Read("known/FILE", []byte(row.text), entry.Today)
			require.Error(t, err)
			assert.Nil(t, k)
			want := strings.ReplaceAll(row.want, "FILE:", "known/FILE:")
			if strings.HasSuffix(want, ", ") {
				assert.Regexp(t, "^"+regexp.QuoteMeta(want)+".+$", err.Error())
			} else {
				assert.Equal(t, want, err.Error())
			}
		})
	}
}

func TestAFileOfKnownFailuresMaySayNothing(t *testing.T) {
	for name, text := range map[string]string{
		"an empty file": "", "comments": "# nothing is known\n", "a list of nothing": "[]\n", "the mark of a document": "---\n",
		"a byte order mark": "\ufeff" + entry.Of(), "ends of lines as Windows has them": strings.ReplaceAll(entry.Of(), "\n", "\r\n"),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := known.Read("FILE", []byte(text), entry.Today)
			require.NoError(t, err)
		})
	}
}

// BenchmarkTroublesomeKnownFailures reads what brings a parser into trouble: it is
// read in no time, or refused.
func BenchmarkTroublesomeKnownFailures(b *testing.B) {
	for name, text := range map[string]string{
		"brackets":         strings.Repeat("[", 1999),
		"braces":           strings.Repeat("{a: ", 1999),
		"dashes":           strings.Repeat("- ", 1000),
		"indents":          "a:\n" + strings.Repeat(" ", 1999) + "b",
		"colons":           strings.Repeat("a: ", 20_000),
		"quotes":           strings.Repeat(`"`, 100_000),
		"tabs":             strings.Repeat("\t", 100_000),
		"many entries":     strings.Repeat(entry.Of(), 1500),
		"one long reason":  entry.Of("reason", strings.Repeat("x [", 20_000)),
		"a long comment":   "#" + strings.Repeat("x", 250_000),
		"question marks":   strings.Repeat("? ", 1000),
		"a literal":        "- journey: |\n" + strings.Repeat("    x\n", 20_000),
		"unclosed strings": strings.Repeat("- '\n", 50_000),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_, _ = known.Read("FILE", []byte(text), entry.Today)
			}
			assert.Less(b, b.Elapsed()/time.Duration(b.N), 5*time.Second)
		})
	}
}

func FuzzReadKnownFailures(f *testing.F) {
	for _, text := range []string{
		entry.Of(), entry.Of() + entry.Of("journey", "s1"), entry.Of(entry.AtStep("Then it holds")...), entry.Of("more", "1"), entry.Of("expires", "soon"),
		"- {journey: a, flow: b}", "a: &x [1]\nb: *x", "- <<: {a: b}", "---\n---\n", "- - - -", "[[[[", "\ufeff- journey: |\n  a\n",
		"%YAML 1.2\n---\n- a", "- !!binary x", "? a\n: b", "- journey: \"\\", "-\tx", "",
	} {
		f.Add([]byte(text))
	}
	place := regexp.MustCompile(`^FILE:[1-9][0-9]*:[1-9][0-9]*: .`)
	f.Fuzz(func(t *testing.T, text []byte) {
		before := bytes.Clone(text)
		k, err := known.Read("FILE", text, entry.Today)
		assert.Equal(t, before, text)
		if err == nil {
			assert.NotNil(t, k)
			return
		}
		assert.Nil(t, k)
		assert.Regexp(t, place, err.Error())
	})
}
