package cli_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/recordings"
	"flowtest/runner/internal/export"
	"flowtest/runner/internal/feature"
	"flowtest/runner/internal/har"
	"flowtest/runner/internal/known"
	"flowtest/runner/internal/proxy"
	"flowtest/steps/flow"
)

// The table of the documentation has the limits that are kept to.
func TestTheLimitsOfTheDocsAreKeptTo(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../.github/docs/reports.md")
	require.NoError(t, err)
	const kib, mib = 1 << 10, 1 << 20
	assert.Equal(t, flow.MaxResponse, proxy.MaxBody)
	for _, want := range []string{
		fmt.Sprintf("| `known-failures.yaml` | %d KiB |", known.MaxFile/kib),
		fmt.Sprintf("| a feature file | %d MiB, 65,534 bytes a line, and", feature.MaxFile/mib),
		fmt.Sprintf("| a body of a recording | %d MiB |", recordings.MaxBody/mib),
		fmt.Sprintf("| a HAR file | %d MiB, 32 MiB an entry, %d MiB a body |", har.MaxFile/mib, har.MaxBody/mib),
		fmt.Sprintf("| an export of a flow | %d MiB |", export.MaxSize/mib),
		fmt.Sprintf("| an answer of the service, a request to `serve`, a body through `record --proxy` | %d MiB |",
			flow.MaxResponse/mib),
		fmt.Sprintf("| the answers that a journey keeps | %d MiB, the last ones |", flow.MaxKept/mib),
	} {
		assert.Contains(t, string(text), want)
	}
}
