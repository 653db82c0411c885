namespace LocalAzure.Tests;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("--colour", "Unknown option '--colour'.")]
    [InlineData("run", "Unknown option 'run'.")]
    [InlineData("--ports", "--ports needs a value.")]
    [InlineData("--ports many", "--ports takes 'auto' or the first of seven ports, not 'many'.")]
    [InlineData("--ports 65530", "--ports takes 'auto' or the first of seven ports, not '65530'.")]
    [InlineData("--instances 0", "--instances takes a number from 1 to 16, not '0'.")]
    [InlineData("--setting NAME", "--setting takes NAME=VALUE, not 'NAME'.")]
    [InlineData("--parent me", "--parent takes a process id, not 'me'.")]
    [InlineData("--state --reset", "--state needs a value.")]
    [InlineData("--reset=yes", "--reset takes no value.")]
    public void A_wrong_option_is_named_in_one_line(string line, string refusal) =>
        CommandLine.Parse(line.Split(' ')).Refusal.Should().Be(refusal);

    [Fact]
    public void Without_options_the_ports_are_fixed_the_state_is_local_and_there_is_demo_data()
    {
        var options = CommandLine.Parse([]).Options!;

        options.Ports.Should().Be(7071);
        options.State.Should().Be(".local");
        options.Seed.Should().BeTrue();
        options.Instances.Should().Be(1);
        options.Reset.Should().BeFalse();
    }

    [Fact]
    public void Options_take_their_values_behind_a_space_or_an_equals_sign()
    {
        var options = CommandLine.Parse(["--state=a b", "--ports", "auto", "--setting", "A=1", "--setting", "B=x=y", "--no-seed", "--reset", "--instances", "3"]).Options!;

        options.State.Should().Be("a b");
        options.Ports.Should().BeNull();
        options.Settings.Should().Equal(new Dictionary<string, string> { ["A"] = "1", ["B"] = "x=y" });
        (options.Seed, options.Reset, options.Instances).Should().Be((false, true, 3));
    }
}
