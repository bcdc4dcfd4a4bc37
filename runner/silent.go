package runner

import (
	"io"
	"sync"

	"github.com/cucumber/godog"
	messages "github.com/cucumber/messages/go/v34"
)

// silent returns the name of a godog format that writes nothing: what happens
// is taken from the hooks, which know durations and journeys.
var silent = sync.OnceValue(func() string {
	const name = "flowtest-silent"
	godog.Format(name, "writes nothing", func(string, io.Writer) godog.Formatter { return silence{} })
	return name
})

type silence struct{}

// What godog tells a formatter, and no one writes down.
type (
	pickle   = messages.Pickle
	stepOf   = messages.PickleStep
	document = messages.GherkinDocument
)

func (silence) TestRunStarted()                                          {}
func (silence) Feature(*document, string, []byte)                        {}
func (silence) Pickle(*pickle)                                           {}
func (silence) Defined(*pickle, *stepOf, *godog.StepDefinition)          {}
func (silence) Failed(*pickle, *stepOf, *godog.StepDefinition, error)    {}
func (silence) Passed(*pickle, *stepOf, *godog.StepDefinition)           {}
func (silence) Skipped(*pickle, *stepOf, *godog.StepDefinition)          {}
func (silence) Undefined(*pickle, *stepOf, *godog.StepDefinition)        {}
func (silence) Pending(*pickle, *stepOf, *godog.StepDefinition)          {}
func (silence) Ambiguous(*pickle, *stepOf, *godog.StepDefinition, error) {}
func (silence) Summary()                                                 {}
