package export_test

import (
	"bytes"
	"flag"
	"io"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/export"
)

var update = flag.Bool("update", false, "write what the writers print into testdata")

func TestDescribe(t *testing.T) {
	t.Parallel()
	for ending, write := range map[string]func(*export.File, io.Writer) error{
		"txt": (*export.File).Text, "md": (*export.File).Markdown,
		"describe.json": (*export.File).JSON, "mmd": (*export.File).Mermaid,
	} {
		t.Run(ending, func(t *testing.T) {
			t.Parallel()
			f, err := export.Parse(shop(t))
			require.NoError(t, err)
			var got bytes.Buffer
			require.NoError(t, write(f, &got))
			golden := "testdata/shop." + ending
			if *update {
				require.NoError(t, os.WriteFile(golden, got.Bytes(), 0o644))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			assert.Equal(t, string(want), got.String())
		})
	}
}

// What an author typed is text in Markdown and Mermaid, and never markup.
func TestDescribeEscapes(t *testing.T) {
	t.Parallel()
	s := &sketch{}
	s.screen("a", button("X"), "nodeTitle", `<img src=x> "[a](b)" @team`)
	f := parse(t, s.json())
	var md, mmd bytes.Buffer
	require.NoError(t, f.Markdown(&md))
	require.NoError(t, f.Mermaid(&mmd))
	assert.Contains(t, md.String(), `"&lt;img src=x> "\[a\](b)" &#64;team"`)
	assert.Contains(t, mmd.String(), `#lt;img src=x#gt; #quot;[a](b)#quot; @team`)
}
