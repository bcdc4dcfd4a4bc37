package export_test

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/export"
)

// Whatever is in a file, the reader ends, and what it reads can be written.
func FuzzParse(f *testing.F) {
	f.Add(shop(f))
	f.Add([]byte(`{"graphData":{"elements":{"nodes":{"a":{"nodeType":"EVAL"}},"edges":[{"source":"a","target":"a"}]}}}`))
	f.Add([]byte(`{"clonedNodes":[{"data":{"id":"a","nodeType":"CONNECTION","capabilityName":"goToNode","properties":{"nodeInstanceId":"a"}}}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := export.Parse(data)
		if err != nil {
			require.NotEmpty(t, err.Error())
			return
		}
		write(t, file)
	})
}

// No HTML of a screen breaks the reader or what it writes.
func FuzzHTML(f *testing.F) {
	f.Add(button("A") + `{{#if x}}<p data-skcomponent="skerror">{{/if}}`)
	f.Add(`<table data-skcomponent="skrisk"><button data-skcomponent=skbutton data-skbuttonvalue="{{a}}">{{{a}}}`)
	f.Add(slate(`<!-- {{#each a}} -->`))
	f.Fuzz(func(t *testing.T, html string) {
		s := &sketch{}
		s.screen("a", html, "a", "{{a}}").way("a", "a")
		write(t, parse(t, s.json()))
	})
}

func write(t *testing.T, f *export.File) {
	t.Helper()
	require.NoError(t, f.Text(io.Discard))
	require.NoError(t, f.Markdown(io.Discard))
	require.NoError(t, f.JSON(io.Discard))
	require.NoError(t, f.Mermaid(io.Discard))
}
