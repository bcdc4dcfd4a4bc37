package schema_test

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/recordings"
	"flowtest/runner/internal/schema"
)

// compiled returns a schema.
func compiled(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(schema.Of(name)))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	require.NoError(t, c.AddResource(name, doc))
	s, err := c.Compile(name)
	require.NoError(t, err)
	return s
}

// valid checks the text of a YAML file against a schema.
func valid(t *testing.T, s *jsonschema.Schema, text string) error {
	t.Helper()
	asJSON, err := yaml.YAMLToJSON([]byte(text))
	require.NoError(t, err)
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(asJSON)))
	require.NoError(t, err)
	return s.Validate(doc)
}

func TestShippedRecordingsKeepToTheSchema(t *testing.T) {
	t.Parallel()
	s := compiled(t, "recording.yaml")
	n := 0
	require.NoError(t, fs.WalkDir(recordings.Shipped(), ".", func(name string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, "recording.yaml") {
			return err
		}
		n++
		text, err := fs.ReadFile(recordings.Shipped(), name)
		require.NoError(t, err)
		require.NoError(t, valid(t, s, string(text)), name)
		assert.Error(t, valid(t, s, strings.Replace(string(text), "\nhops:", "\nhop: x\nhops:", 1)), name)
		assert.Error(t, valid(t, s, strings.Replace(string(text), "source: ", "source: x", 1)), name)
		return nil
	}))
	assert.Positive(t, n)
}

func TestWhatTheSchemasAcceptAndRefuse(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ file, right, wrong string }{
		"a replay": {
			"flowtest.yaml", "target: replay\ntargets:\n  replay: {type: replay, users: {alice: {username: a}}}\n",
			"targets:\n  replay: {type: replay, region: EU}\n",
		},
		"a live target": {
			"flowtest.yaml", "targets:\n  staging: {type: live, region: EU, clientId: \"${C}\", scopes: [openid], flows: {a: b}, hosts: [x], worker: {clientId: \"${W}\", clientSecret: \"${S}\"}}\n",
			"targets:\n  staging: {type: live, regio: EU}\n",
		},
		"the section run": {"flowtest.yaml", "run: {tags: not @slow, retries: 1, rate: 0.5, timeout: 2m, report: r, format: dots}\n", "run: {retries: -1}\n"},
		"known failures": {
			"known-failures", "- {journey: a, flow: '', step: Then b, reason: c, owner: d, expires: '2026-01-02'}\n",
			"- {journey: a, flow: '', reason: c, owner: d, expires: '2026-01-02'}\n",
		},
		"known failures of an export": {
			"known-failures", "- {node: a, flow: b, requirement: EXPORT-BUTTON-DEAD, reason: c, owner: d, expires: '2026-01-02'}\n",
			"- {node: a, journey: b, flow: b, requirement: EXPORT-BUTTON-DEAD, reason: c, owner: d, expires: '2026-01-02'}\n",
		},
		"accepted mutants": {
			"mutants", "- {mutant: a/b/c, reason: d, expires: '2026-01-02'}\n", "- {mutant: a/b/c, expires: '2026-01-02'}\n",
		},
		"sentences": {"sentences", "- {sentence: a, steps: When b, doc: c}\n", "- {sentence: a, step: When b}\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := compiled(t, row.file)
			require.NoError(t, valid(t, s, row.right))
			assert.Error(t, valid(t, s, row.wrong))
		})
	}
	for _, name := range schema.Names() {
		assert.NotEmpty(t, schema.Of(name))
	}
	assert.Empty(t, schema.Of("nosuch"))
}
