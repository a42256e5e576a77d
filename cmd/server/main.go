// Command server is hark: a blog that listens. It serves the blog, and its
// further commands are the owner's, who may run them while it serves.
package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/alecthomas/kong"
)

// version is what hark calls itself.
const version = "0.1.0"

// program is the command line: settings that every command shares, and commands.
type program struct {
	config

	Serve    serveCommand    `cmd:"" default:"1" help:"Serve the blog in the foreground (the default)."`
	User     userCommand     `cmd:"" help:"Make accounts, set passwords, help who lost the phone."`
	Token    tokenCommand    `cmd:"" help:"Make tokens for apps."`
	Ban      banCommand      `cmd:"" help:"Shut addresses and networks out, and let them in again."`
	Fail2ban fail2banCommand `cmd:"" name:"fail2ban" help:"Put filters and jails into fail2ban, and test them."`
	Version  versionCommand  `cmd:"" help:"Say which hark this is."`
}

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run(out io.Writer) error {
	_, err := fmt.Fprintln(out, "hark", version)
	return err
}

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "hark:", strings.Join(strings.Fields(err.Error()), " ")) // one line, whatever is in it
		os.Exit(1)
	}
}

// run carries out one command line.
func run(args []string, in io.Reader, out io.Writer) error {
	var p program
	parser, err := kong.New(&p,
		kong.Name("hark"),
		kong.Description("A blog that listens: one program, one database, answers from everywhere."),
		kong.UsageOnError(),
		kong.BindTo(in, (*io.Reader)(nil)),
		kong.BindTo(out, (*io.Writer)(nil)),
	)
	if err != nil {
		return err
	}
	command, err := parser.Parse(args)
	if err != nil {
		return err
	}
	return command.Run(&p.config)
}
