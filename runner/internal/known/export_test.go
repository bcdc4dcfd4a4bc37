package known_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/export/lint"
	"flowtest/runner/internal/known"
	"flowtest/runner/internal/known/testdata/entry"
)

// ofExport writes an entry about the export of a flow.
func ofExport(pairs ...string) string {
	return entry.Of(append([]string{"journey", "-", "node", "form", "requirement", "EXPORT-BUTTON-DEAD"}, pairs...)...)
}

func TestKnownFindingsOfExports(t *testing.T) {
	t.Parallel()
	k, err := known.Read("FILE", []byte(ofExport()+ofExport("node", "other")+ofExport("node", "late", "expires", "2026-01-01")+
		ofExport("flow", "another")+ofExport("node", "-")+entry.Of()), entry.Today)
	require.ErrorContains(t, err, "the entry lacks journey")
	assert.Nil(t, k)
	k, err = known.Read("FILE", []byte(ofExport()+ofExport("node", "other")+ofExport("node", "late", "expires", "2026-01-01")+
		ofExport("flow", "another")+entry.Of()), entry.Today)
	require.NoError(t, err)
	rule := lint.Lookup("EXPORT-BUTTON-DEAD")
	found := []lint.Finding{
		{Rule: rule, Flow: "sign-on", Node: "form"},
		{Rule: rule, Flow: "sign-on", Node: "late"},
		{Rule: lint.Lookup("EXPORT-BUTTON-TWICE"), Flow: "sign-on", Node: "form"},
	}
	stale := k.Export([]string{"sign-on"}, found)
	assert.Equal(t, []string{
		`FILE:7: the node "other" of the flow "sign-on" no longer breaks EXPORT-BUTTON-DEAD: remove the entry`,
		`FILE:13: the entry expired on 2026-01-01: fix EXPORT-BUTTON-DEAD at the node "late" of the flow "sign-on", or renew the entry`,
	}, stale)
	assert.Equal(t, "the flow lacks it (team sign-on, until 2026-04-01, FILE:1)", found[0].Known)
	assert.False(t, found[0].Fails())
	assert.True(t, found[1].Fails(), "the entry has expired")
	assert.True(t, found[2].Fails(), "the entry is about another rule")
	assert.Empty(t, k.Stale(false), "a run says nothing of entries about exports")
	assert.Empty(t, (*known.List)(nil).Export(nil, nil))
}
