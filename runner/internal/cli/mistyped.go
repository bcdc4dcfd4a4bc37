package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// explained gives what cobra refuses, flags and arguments, the hint of the command
// that was meant.
func explained(root *cobra.Command) *cobra.Command {
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usage(err, meantFlag(c, err)+helpOf(c))
	})
	for _, c := range root.Commands() {
		if takes := c.Args; takes != nil {
			c.Args = func(c *cobra.Command, args []string) error {
				if err := takes(c, args); err != nil {
					return usage(err, helpOf(c))
				}
				return nil
			}
		}
	}
	return root
}

// helpOf says where the help of a command is.
func helpOf(c *cobra.Command) string { return c.CommandPath() + " --help shows what there is" }

// unknownCommand refuses what follows the program's name and is no command.
func unknownCommand(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	root.SuggestionsMinimumDistance = 2
	hint := helpOf(root)
	if like := root.SuggestionsFor(args[0]); len(like) > 0 {
		hint = `did you mean "` + strings.Join(like, `" or "`) + `"? ` + hint
	}
	return usage(fmt.Errorf("unknown command %q for %q", args[0], root.CommandPath()), hint)
}

// unknownFlag is what cobra says of a flag that there is not, as far as it is looked at.
type unknownFlag interface {
	error
	GetSpecifiedName() string
	GetSpecifiedShortnames() string // what stood behind one dash
}

// meantFlag asks whether the nearest flag was meant, "" where none is near or the
// error is about something else.
func meantFlag(c *cobra.Command, err error) string {
	unknown, ok := errors.AsType[unknownFlag](err)
	if !ok {
		return ""
	}
	found := unknown.GetSpecifiedName()
	if behind := unknown.GetSpecifiedShortnames(); behind != "" {
		found, _, _ = strings.Cut(behind, "=")
	}
	best, least := "", 3
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if d := levenshtein.ComputeDistance(found, f.Name); d < least && d*2 < len(f.Name) {
			best, least = f.Name, d
		}
	})
	if best == "" {
		return ""
	}
	return "did you mean --" + best + "? "
}
