package recordings_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/recordings"
)

const recordedHead = "format: 1\nsource: recorded\nflow: demo\n"

func TestLoadReadsWhenItWasRecorded(t *testing.T) {
	const policy = "00112233445566778899aabbccddeeff"
	day := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	for name, row := range map[string]struct {
		yaml string
		want recordings.Meta
	}{
		"a day": {`{date: "2026-11-23"}`, recordings.Meta{Date: day}},
		"a time and everything": {
			"{date: \"2026-11-23T09:30:00+01:00\", flow: " + policy + ", region: EU, shape: both, tool: flowtest v1.2.0}",
			recordings.Meta{
				Date: day.Add(8*time.Hour + 30*time.Minute), Flow: policy, Region: "EU",
				Shape: "both", Tool: "flowtest v1.2.0",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := load(t, recordedHead+"recorded: "+row.yaml+"\n"+start, nil)
			require.NotNil(t, f.Meta)
			assert.Equal(t, row.want, *f.Meta)
			again, err := recordings.Load(onDisk(t, f), "r")
			require.NoError(t, err)
			assert.Equal(t, row.want, *again.Meta)
		})
	}
	assert.Nil(t, load(t, head+start, nil).Meta)
}

func TestLoadRefusesAWrongMeta(t *testing.T) {
	for name, row := range map[string]struct{ head, yaml, want string }{
		"no date":        {recordedHead, "{region: EU}", `recorded: date "", want a day or a time, as in 2026-11-23 or 2026-11-23T09:30:00Z`},
		"a wrong date":   {recordedHead, "{date: yesterday}", `recorded: date "yesterday", want a day`},
		"a wrong flow":   {recordedHead, `{date: "2026-11-23", flow: a*x}`, `recorded: flow "a*x" is not a flow policy,`},
		"a wrong shape":  {recordedHead, `{date: "2026-11-23", shape: html}`, `recorded: shape "html", want json, detailed or both`},
		"an unknown key": {recordedHead, `{day: "2026-11-23"}`, `unknown key "day"`},
		"another source": {head, `{date: "2026-11-23"}`, `source "synthetic" and recorded: only what was recorded says when`},
		"no mapping":     {recordedHead, "yesterday", "recording.yaml:4:11: recorded is text, want a mapping"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := recordings.Load(folder(row.head+"recorded: "+row.yaml+"\n"+start, nil), dir)
			require.ErrorContains(t, err, row.want)
		})
	}
}
