namespace CustomerFunctions.Tests.Fixture;

/// <summary>
/// Ends a repetition that gets nowhere. It counts rounds of the test clock since something last happened, neither all rounds nor time: a busy machine gets less done in a
/// round and so takes more of them.
/// </summary>
/// <param name="mostIdle">How many rounds may go by with nothing happening.</param>
internal sealed class Progress(int mostIdle)
{
    private int left = int.MaxValue;
    private int idle;

    /// <summary>Takes note of what is left before a round.</summary>
    public void Left(int now, string what)
    {
        idle = now < left ? 0 : idle + 1;
        left = now;
        idle.Should().BeLessThan(mostIdle, "{0} of these have not happened yet: {1}", now, what);
    }
}
