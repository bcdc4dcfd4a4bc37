package tenant_test

import (
	"encoding/json"
	"encoding/xml"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/tenant"
)

func TestCompare(t *testing.T) {
	t.Parallel()
	w, other := newWorld(t), newWorld(t)
	other.target.Name = "production"
	r := tenant.Compare(t.Context(), w.target, other.target, w, other)
	assert.Empty(t, r.Differences)
	assert.Equal(t, "24 checks: 24 hold · 0 differences from production", r.Summary())
	assert.NotContains(t, text(t, r, "markdown"), "| differs |")

	other.property(flowPath, "publishedVersion", 9)
	other.property(policyPath, "flowDistributions", []any{runs(9, 100)})
	other.property(appPath, "pkceEnforcement", "OPTIONAL")
	other.Change("/variables", func(list any) any { return list.([]any)[:1] })          //nolint:errcheck,forcetypeassert // it is one
	other.Change("/connectorInstances", func(list any) any { return list.([]any)[1:] }) //nolint:errcheck,forcetypeassert // it is one
	r = tenant.Compare(t.Context(), w.target, other.target, w, other)
	assert.Equal(t, []tenant.Difference{
		{About: "app, pkceEnforcement", Here: "S256_REQUIRED", There: "OPTIONAL"},
		{About: `connector "Http" (httpConnector)`, Here: "present", There: "none"},
		{
			About: `flow "sign-on" runs "sign-on"`, Here: "the latest deployed version with the weight 100",
			There: "version 9 with the weight 100",
		},
		{
			About: `flow "sign-on" runs "sign-on", deployment`, Here: "version 12 (deployed 2026-01-15T09:30:00.000Z)",
			There: "version 9 (deployed 2026-01-15T09:30:00.000Z)",
		},
		{About: `variable "attempts" (flowInstance)`, Here: "present", There: "none"},
	}, r.Differences)

	// What one side cannot show is no difference.
	other.Refuse("/variables", 1, 403, "ACCESS_FAILED", "No.", "")
	r = tenant.Compare(t.Context(), w.target, other.target, w, other)
	assert.Equal(t, []string{"against: not looked at"}, not(r))
	assert.Len(t, r.Differences, 4)
	assert.True(t, r.Blind)
}

func TestFormats(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.property(appPath, "enabled", false)
	w.Refuse("/billOfMaterials", 1, 403, "ACCESS_FAILED", "No | access", "")
	r := tenant.Examine(t.Context(), w.target, w)
	var document struct {
		Checks []struct{ ID, Verdict string }
	}
	require.NoError(t, json.Unmarshal([]byte(text(t, r, "json")), &document))
	assert.Len(t, document.Checks, 24)
	var suite struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Skipped  int `xml:"skipped,attr"`
		Cases    []struct {
			Failure *struct{} `xml:"failure"`
		} `xml:"testcase"`
	}
	require.NoError(t, xml.Unmarshal([]byte(text(t, r, "junit")), &suite))
	assert.Equal(t, []int{24, 1, 1, 24}, []int{suite.Tests, suite.Failures, suite.Skipped, len(suite.Cases)})
	assert.Contains(t, text(t, r, "markdown"), "| ✗ | app \"flowtest\" | enabled is false, want true | Applications > the app > turn "+
		"the toggle on | `GET "+appPath+"` |")
	assert.Contains(t, text(t, r, "markdown"), `No \| access`)
	err := r.Write(io.Discard, "yaml")
	assert.EqualError(t, err, `format "yaml" is unknown, want text, markdown, json or junit`)
}
