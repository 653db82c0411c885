using LocalAzure;

var (options, refusal) = CommandLine.Parse(args);
if (refusal is not null)
{
    Console.Error.WriteLine($"{refusal} (--help lists the options)");
    return 2;
}
if (options!.Help)
{
    Console.Out.WriteLine(CommandLine.HelpText);
    return 0;
}

try
{
    await LocalCloud.Run(options);
    return 0;
}
catch (StartRefused e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
