package check_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver/testdata/shipped"
	"flowtest/recordings"
	"flowtest/runner/internal/check"
	"flowtest/steps/conformance"
)

func TestTheShippedRecordingsConform(t *testing.T) {
	m, faults := check.Conforms(shipped.Flows(t), nil)
	assert.Empty(t, faults)
	assert.Zero(t, having(m, conformance.May, conformance.Violated))
	assert.Zero(t, having(m, conformance.Should, conformance.NotExercised), "every requirement applies to some recorded hop")
	assert.Greater(t, len(m.Journeys), 50)
}

func TestARecordingThatBreaksAMustIsFoundWithoutAFeature(t *testing.T) {
	for name, row := range map[string]struct {
		file, old, by string
		want          []string // the beginning of each line
	}{
		"at the first screen, in one shape": {
			shipped.FormFile, shipped.HasCompany, "",
			[]string{`sign-on/recording.yaml:8: hop "sign-on-form" (JSON) breaks MODEL-companyId-PRESENCE: companyId is nothing, want a value: `},
		},
		"at its end, in both shapes": {
			"completed.json", `"code": "{{code}}"`, `"code": 7`,
			[]string{
				`sign-on/recording.yaml:22: hop "completed" (JSON) breaks MODEL-authorizeResponse.code-KIND: authorizeResponse.code is a number 7, want a string: `,
				`sign-on/recording.yaml:22: hop "completed" (detailed) breaks MODEL-authorizeResponse.code-KIND: authorizeResponse.code is a number 7, want a string: `,
			},
		},
		"only in detail": {
			"sign-on-form.detailed.json", `"companyId": "{{envID}}"`, `"companyId": 7`,
			[]string{`sign-on/recording.yaml:8: hop "sign-on-form" (detailed) breaks MODEL-companyId-KIND: companyId is a number 7, want a string: `},
		},
		"nothing": {shipped.FormFile, "Sign On Form", "Another Form", nil},
		"a doubt": {"completed.json", `"COMPLETED"`, `"COMPLETE"`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			m, faults := check.Conforms(shipped.Edited(t, row.file, row.old, row.by), nil)
			got := strings.Join(faults, "\n")
			for _, want := range row.want {
				assert.Equal(t, 1, strings.Count(got, want), "%s\nwant\n%s", got, want)
			}
			if row.want == nil {
				assert.Empty(t, faults)
			}
			for _, line := range faults {
				assert.Regexp(t, `^sign-on/recording\.yaml:\d+: hop "[a-z-]+" \((JSON|detailed)\) breaks [A-Z][\w.{}-]+: .+: .+ \((JSON|Detailed) Responses.*\)$`, line)
			}
			assert.Equal(t, row.want != nil, having(m, conformance.May, conformance.Violated) > 0)
		})
	}
}

// having counts the requirements of a level, or of a graver one, with a result.
func having(m *conformance.Matrix, level conformance.Level, result conformance.Result) (n int) {
	for _, r := range conformance.Catalogue() {
		if r.Level <= level && m.Result(r) == result {
			n++
		}
	}
	return n
}

// A hop that several takes pass is one fault.
func TestAHopIsBlamedOnce(t *testing.T) {
	_, faults := check.Conforms(shipped.WithoutCompany(t), nil)
	seen := map[string]bool{}
	for _, line := range faults {
		assert.False(t, seen[line], line)
		seen[line] = true
	}
}

// What was recorded with the requests of a browser of old must not bring the
// walk to a fall: a check reads whatever lies on the disk.
func TestEveryRecordingCanBeWalked(t *testing.T) {
	page := fstest.MapFS{
		"old/recording.yaml": {Data: []byte("format: 1\nsource: synthetic\nflow: old\nhops:\n  - name: start\n" +
			"    request: {method: GET, path: /as/authorize}\n    response: {status: 200, html: page.html}\n")},
		"old/page.html": {Data: []byte("<html><body>Hello</body></html>")},
	}
	flows, err := recordings.LoadAll(fs.FS(page), ".")
	require.NoError(t, err)
	m, faults := check.Conforms(flows, map[string]string{"username": "alice"})
	assert.NotEmpty(t, faults, "a page is not JSON")
	assert.NotEmpty(t, m.Journeys)
	m, faults = check.Conforms(nil, nil)
	assert.Empty(t, faults)
	assert.Empty(t, m.Journeys)
}
