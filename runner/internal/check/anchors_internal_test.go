package check

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"flowtest/steps"
)

func TestCheckFindsExpressionsThatMatchAPart(t *testing.T) {
	defs := []steps.Definition{
		{Pattern: `^whole$`}, {Pattern: `^open`}, {Pattern: `open$`},
	}
	assert.Equal(t, []string{
		"step definition ^open is not anchored, want ^ and $ at its ends",
		"step definition open$ is not anchored, want ^ and $ at its ends",
	}, unanchored(defs))
	assert.Empty(t, unanchored(steps.Definitions()))
}
