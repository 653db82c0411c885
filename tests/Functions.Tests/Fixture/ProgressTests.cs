namespace CustomerFunctions.Tests.Fixture;

public sealed class ProgressTests
{
    [Fact]
    public void A_repetition_ends_after_rounds_in_which_nothing_happened_and_not_after_many()
    {
        var progress = new Progress(mostIdle: 3);

        foreach (var left in Enumerable.Range(0, 100).Reverse().SelectMany(left => new[] { left, left, left })) { progress.Left(left, "calls"); }

        progress.Invoking(p => p.Left(0, "calls")).Should().Throw<Xunit.Sdk.XunitException>().WithMessage("*0 of these*calls*");
    }
}
