// Generates SDKs of a Pulumi package: reads its schema, and writes one JSON object with each file by its path, in Base64.
// The arguments are the languages. That of .NET is in a program of its own: later versions of this module do without it.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path"

	golang "github.com/pulumi/pulumi/pkg/v3/codegen/go"
	"github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	"github.com/pulumi/pulumi/pkg/v3/codegen/python"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

const tool = "make sdks"

// The package refers to no other: there is nothing to load.
type none struct{ schema.ReferenceLoader }

var generators = map[string]func(*schema.Package) (map[string][]byte, error){
	"go": func(p *schema.Package) (map[string][]byte, error) {
		return golang.GeneratePackage(tool, p, nil)
	},
	"nodejs": func(p *schema.Package) (map[string][]byte, error) {
		return nodejs.GeneratePackage(tool, p, nil, nil, false, none{})
	},
	"python": func(p *schema.Package) (map[string][]byte, error) {
		return python.GeneratePackage(tool, p, nil, none{})
	},
}

func main() {
	if err := generate(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func generate(languages []string) error {
	var spec schema.PackageSpec
	if err := json.NewDecoder(os.Stdin).Decode(&spec); err != nil {
		return err
	}
	files := map[string][]byte{}
	for _, language := range languages {
		// A generator changes the package that it is given: each has one of its own.
		bound, warnings, err := schema.BindSpec(spec, none{}, schema.ValidationOptions{})
		if err != nil {
			return err
		}
		if len(warnings) > 0 {
			return warnings
		}
		generated, err := generators[language](bound)
		if err != nil {
			return err
		}
		for name, content := range generated {
			files[path.Join(language, name)] = content
		}
	}
	return json.NewEncoder(os.Stdout).Encode(files)
}
