package known_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/known"
	"flowtest/runner/internal/known/testdata/entry"
)

const acceptedMutants = `- {mutant: a/b/label/c, reason: the label is a picture, owner: team sign-on, expires: 2026-04-01}
- {mutant: a/noticed, reason: r, expires: 2026-04-01}
- {mutant: a/late, reason: r, expires: 2026-03-14}
- {mutant: a/nosuch, reason: r, expires: 2026-03-15}
`

func TestAcceptedMutants(t *testing.T) {
	t.Parallel()
	k, err := known.ReadMutants("FILE", []byte(acceptedMutants), entry.Today)
	require.NoError(t, err)
	accepted, stale := k.Mutants(map[string]bool{"a/b/label/c": false, "a/noticed": true, "a/late": false, "a/such": false}, true)
	assert.Equal(t, map[string]string{"a/b/label/c": "the label is a picture (team sign-on, until 2026-04-01, FILE:1)"}, accepted)
	assert.Equal(t, []string{
		`FILE:2: the mutant "a/noticed" is noticed, or does not count: remove the entry`,
		`FILE:3: the entry expired on 2026-03-14: add an assertion that notices the mutant "a/late", or renew the entry`,
		`FILE:4: there is no mutant "a/nosuch": remove the entry, or correct its name; did you mean "a/such"?`,
	}, stale)

	_, stale = k.Mutants(map[string]bool{"a/b/label/c": false}, false)
	assert.Len(t, stale, 1, "of a part only the entry that expired is known to be stale")
	accepted, stale = (*known.List)(nil).Mutants(nil, true)
	assert.Empty(t, accepted)
	assert.Empty(t, stale)
}

func TestMistakesOfAcceptedMutants(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"- mutant: a": "FILE:1:3: the entry lacks reason, expires",
		"- reason: r\n  expires: 2026-04-01\n  journey: a": `FILE:3:3: entry 1 has the unknown key "journey", want one of mutant, reason, owner, expires`,
		"- mutant: a\n  reason: r\n  expires: soon":        `FILE:1:3: expires is "soon", want a date such as 2026-04-15`,
		"mutant: a": `FILE:1:1: the file is not a list, want entries that begin with "- mutant:"`,
		"- a":       "FILE:1:3: entry 1 has no keys, want mutant, reason, owner, expires",
		"- mutant: a\n  reason: r\n  expires: 2026-04-01\n- mutant: a\n  reason: q\n  expires: 2026-04-01": "FILE:4:3: the entry says the same as the one in line 1: remove one",
	} {
		_, err := known.ReadMutants("FILE", []byte(text), entry.Today)
		require.EqualError(t, err, want)
	}
}
