using Bench;
using Bench.Scenarios;

var (scenario, options) = (args.FirstOrDefault(), Options.Parse([.. args.Skip(1)]));
Func<Options, Task>? run = scenario switch
{
    "coldstart" => ColdStart.Run,
    "due" => Due.Run,
    "get" => Get.Run,
    "passwords" => Passwords.Run,
    "rotate" => Rotate.Run,
    "scale" => Scale.Run,
    "timing" => Timing.Run,
    "trials" => Trials.Run,
    "usage" => Usage.Run,
    _ => null,
};
if (run is null || options is null)
{
    Console.Error.WriteLine("""
        dotnet run -c Release --project bench/Bench -- <scenario> [options]

          coldstart  process start to the first customer that was read, against a bare server   [--runs 15]
          get        reading a customer with an API key, against a bare server                  [--rounds 5] [--seconds 3] [--connections 16]
          due        rotating service accounts that are due, among few and among many           [--small 10000] [--large 1000000] [--due 100] [--rounds 15]
          passwords  sign-ins and lists while another address sends many passwords              [--connections 64] [--samples 30] [--pause 100]
          rotate     timer runs over service accounts that are due, on one instance and several [--api 1000] [--accounts 10000] [--instances 4]
          scale      the cost of reads and lists as customers grow                              [--small 10000] [--large 1000000] [--samples 200]
          timing     whether the time of an answer tells who has an account                     [--samples 400]
          trials     ending trials that are due, among few customers and among many             [--small 10000] [--large 1000000] [--due 1000]
          usage      usage reports a second, of one customer and of many                        [--reports 20000] [--customers 10000] [--connections 16]
        """);
    return 2;
}
Console.WriteLine($"Machine: {Machine.Shape}");
await run(options);
return 0;
