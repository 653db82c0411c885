using System.Diagnostics;
using System.Globalization;

namespace Bench.Scenarios;

/// <summary>
/// Whether the time of an answer tells who has an account: the area under the ROC curve (AUC) of known against unknown addresses. It is the chance
/// that a known address takes longer than an unknown one: 0.5 tells nothing, 1 or 0 tells all.
/// </summary>
internal static class Timing
{
    private const int WarmUp = 20;

    public static async Task Run(Options options)
    {
        var samples = options.Get("samples", 400);
        await using var cloud = await LocalCloud.Start(await Published.Product());
        using var visitor = await Visitor.Of(cloud);
        var known = new List<string>();
        // An address each: only a few mails an hour go to one.
        for (var i = 0; i < samples + WarmUp; i++) { known.Add(await Visitor.Account(cloud, "correct horse battery staple")); }

        Console.WriteLine("\n| | ms of a known address, median (smallest to largest) | ms of an unknown one | AUC |\n| --- | --- | --- | --- |");
        await Compare("forgot-password", 202, known, (email, from) => visitor.Post("/api/auth/forgot-password", from, new { email }));
        await Compare("sign-in, wrong password", 401, known, (email, from) => visitor.Post("/api/auth/sign-in", from, new { email, password = "not the password" }));
    }

    private static async Task Compare(string what, int expected, List<string> known, Func<string, string, Task<int>> call)
    {
        var (ofKnown, ofUnknown) = (new List<double>(), new List<double>());
        var count = 0;
        foreach (var (index, email) in known.Index())
        {
            // By turns, and each kind first as often as the other: whatever else the machine does meets both alike.
            if (index % 2 == 0) { await Time(index, ofKnown, email); }
            await Time(index, ofUnknown, Visitor.NewEmail());
            if (index % 2 == 1) { await Time(index, ofKnown, email); }
        }
        var auc = ofKnown.SelectMany(_ => ofUnknown, (one, other) => one > other ? 1.0 : one < other ? 0.0 : 0.5).Average();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {what} | {SampleOf(ofKnown)} | {SampleOf(ofUnknown)} | {auc:0.000} |"));

        async Task Time(int index, List<double> times, string email)
        {
            // From another address each, of which none uses its budget up.
            var from = string.Create(CultureInfo.InvariantCulture, $"10.{count >> 16 & 255}.{count >> 8 & 255}.{count++ & 255}");
            var begun = Stopwatch.GetTimestamp();
            var status = await call(email, from);
            if (status != expected) { throw new InvalidOperationException($"{what} answered {status}."); }
            if (index >= WarmUp) { times.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds); }
        }
    }

    private static Sample SampleOf(List<double> times)
    {
        var sample = new Sample();
        foreach (var time in times) { sample.Add(time); }
        return sample;
    }
}
