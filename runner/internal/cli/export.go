package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/spf13/cobra"

	"flowtest/runner/internal/export"
	"flowtest/runner/internal/safefile"
)

func describeCommand(p *Process) *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "describe FLOW.json",
		Short: "Describe the export of a flow: its screens, and what each button leads to",
		Long: `Describe reads the JSON export of a flow, as "Download Flow JSON" in DaVinci or its
API writes it, and prints the screens as a client gets them: fields, buttons, what
each button leads to, and under which conditions. It sends nothing.

As markdown it fits a pull request, as mermaid it is a drawing, and as json it has
everything for a program.`,
		Example: `  flowtest describe sign-on.json
  flowtest describe sign-on.json --format mermaid`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			write, ok := map[string]func(*export.File, io.Writer) error{
				"text": (*export.File).Text, "markdown": (*export.File).Markdown,
				"json": (*export.File).JSON, "mermaid": (*export.File).Mermaid,
			}[format]
			if !ok {
				return fmt.Errorf("format %q is unknown, want text, markdown, json or mermaid", format)
			}
			f, err := readExport(p, args[0])
			if err != nil {
				return err
			}
			out := p.Stdout
			if format != "json" {
				out = plain{out}
			}
			return write(f, out)
		},
	}
	c.Flags().StringVar(&format, "format", "text", "text, markdown, json or mermaid")
	return c
}

// readExport reads the export of a flow from a file.
func readExport(p *Process, name string) (*export.File, error) {
	data, err := safefile.Read(p.path(name), export.MaxSize)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s does not exist", name)
	case err != nil:
		return nil, fmt.Errorf("the export of a flow is not read: %w", err)
	}
	f, err := export.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return f, nil
}
