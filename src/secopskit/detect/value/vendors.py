"""Signs that somebody issued a value whose name says too little: how it begins, where it is sent, a vendor.

`ACME_KEY=<uuid>` may be the key of any object; where Acme is known to issue keys of that form, it is one.
The names that files are searched for stand in `rules/vendor-names.yml`: each of those costs something on
every byte. These here cost nothing until a value is in doubt.
"""

from __future__ import annotations

from typing import Final

from secopskit.detect.name.keys import words
from secopskit.lazy_regex import LazyRegex


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_MOST_WORDS: Final = 4
_LOOK_BACK: Final = 100

# What issuers put in front of keys that work, so that people see it, whatever they call the key.
_LIVE: Final = LazyRegex(rb"(?:(?:sk|rk|key|secret)_)?live_[A-Za-z0-9]{20,120}")
# In the query of an API's address, and as a program's log tells of what it sends.
_SENT: Final = LazyRegex(
    rb"(?i)(?:https?://(?:api|rest|gateway)[.-][^\s\"'<>?]{1,120}|/(?:api|rest|v\d{1,2})/[^\s\"'<>?]{0,120})"
    rb"\?(?:[^\s\"'<>]{0,120}&(?:amp;)?)?key=$|\b(?:using|with)[ \t]{1,4}key[ \t]{0,4}[=:][ \t]{0,4}$"
)
# Each in small letters and one piece: `GetResponse`, `get_response` and `get.response` are `getresponse`.
_VENDORS: Final = _set(
    "2captcha abstractapi acrcloud adalo addsearch aerisweather afterpay agilecrm agromonitoring ahrefs "
    "aimlapi aircall airvisual akismet alegra ambee anymailfinder apideck apiflash apifootball apilayer "
    "apininjas apitemplate apolloio appcues appfollow applitools appsflyer appsignal apptweak aqicn "
    "arcgis authorizenet avalara aweber aylien back4app bannerbear barcodelookup baremetrics baserow "
    "basescan baseten bestbuy besttime bigdatacloud billomat binaryedge bingmaps bitbar bitgo bitly "
    "bitpay bitquery bitstamp bittrex bluesnap boldsign bombbomb brandfetch bricklink brightdata "
    "browserbase browserless bscscan bugherd buildbuddy bulksms bunnycdn bunnynet burstsms buttercms "
    "bybit calendarific callrail campaignmonitor carbonblack cdn77 centralstation centralstationcrm "
    "chainstack chargify chartbeat chatfuel chatwoot cleverreach clevertap cliengo clipdrop cloudsight "
    "cloudways clustdoc codat codefresh codemagic codeship coincheck coinlayer coinlib coinpaprika "
    "cometchat cometml commercelayer commercetools constantcontact contentstack convertapi copyleaks "
    "copyscape coralogix cosmicjs craftmypdf crisp cronitor cronofy crowdstrike crunchbase cryptopanic "
    "currencyapi currencybeacon currencyfreaks currencyscoop customerly cuttly cybersource d7network "
    "d7networks dataaxle datadome dataforseo datocms deadmanssnitch deepinfra deepsource dehashed "
    "delighted deputy descope detectify detectlanguage dialpad diffbot discogs dnsimple dnsmadeeasy "
    "docparser docraptor documo dotdigital drchrono dropboxsign duckdns dynadot easyinsight easyship "
    "ecobee edenai elasticemail emailjs emaillistverify emailoctopus eodhistoricaldata esignatures etsy "
    "everhour exchangeratesapi faceplusplus facepp fastforex fastspring fatsecret faunadb filestack "
    "financialmodelingprep fleetio flightaware flightstats formbucket formcraft formio formspree "
    "freeagent freshchat freshping freshworks frontegg fusionauth gemfury gengo geocodify geoipify "
    "geonames getaddress getblock getemail getemails getscreenshot getstream getyourguide "
    "ghostinspector gitbook gitpod globalping gnews gorgias gotify graphcms greynoise gupshup "
    "haveibeenpwned helpcrunch heygen hibp holidayapi hologram hostinger hotjar html2pdf huaweicloud "
    "humanity huobi hybridanalysis hygraph iexapis ifttt igdb ilovepdf imageshack imgix incapsula "
    "infusionsoft instabug instatus integromat intelx intrinio ip2location ip2proxy ipapi ipbase ipifi "
    "ipinfodb ipqualityscore ipregistry iqair joesandbox judgeme juro jwplayer kakao kaleyra kaltura "
    "kayako keap keenio keycdn kickbox kinde klarna kontent kustomer lambdalabs lambdatest "
    "languagelayer languagetool leanplum leaseweb lingvanex liveagent livechat localazy locize "
    "logentries logrocket loqate loyverse lunchmoney luno lyft magento magicbell mailboxlayer mailcheck "
    "maileroo mailparser mailslurp mangopay manychat mapillary marketo matomo mediastack meetup "
    "meilisearch memfault mercadolibre messari metaapi metalprice meteoblue meteostat mockaroo "
    "moderntreasury monkeylearn moonclerk moonpay moonshot moosend mparticle msg91 myintervals "
    "namecheap nanonets neptune netatmo netsparker neutrinoapi newscatcher newsdata nftport nitropack "
    "nlpcloud noip nordigen novita numverify nutritionix nytimes oanda ocrspace okx omnisend onesky "
    "onfleet opencagedata opencellid opensea opentok openuv outscraper oxylabs pagertree paperform "
    "paperspace papertrail parsehub partnerstack passkit payfast paymo paytm payu peopledatalabs "
    "personio phantombuster pingone pipedream pivotaltracker planyo playht poeditor polygonscan "
    "postageapp postgrid prerender prismic productboard profitwell promptlayer proxycrawl proxycurl "
    "purpleair pushcut pushwoosh pushy qase qualtrics quickbase rajaongkir rawg raygun readwise "
    "recruitee redmine refersion replyio revai ringover rocketreach rudderstack runwayml salesblink "
    "salesflare salesloft scrapestack scrapingdog screenshotapi screenshotlayer sematext semrush "
    "sendcloud sendinblue sendpulse sendy serpstack sevdesk shipbob shipengine shipstation signrequest "
    "signupgenius signwell similarweb sinch skylight smartcar smartling smartlook smartystreets smsapi "
    "smsglobal smtp2go snipcart soundcloud spacelift speechmatics sportmonks sportsdata spotinst "
    "stabilityai stackblitz sumsub surveysparrow survicate svix swiftype synthesia tatum teamtailor "
    "tenable tenderly textgears textlocal textmagic textrazor thegraph theoddsapi thingsboard "
    "thingspeak thinkific threatconnect timecamp timezonedb tineye tinypng tinyurl tokbox tomba "
    "tomorrowio tradier truelayer trulioo twelvedata tyntec uclassify updown uplead urbanairship urlbox "
    "usersnap uservoice vastai vatlayer vbout verifalia veriff veriphone veryfi videosdk vidyard "
    "viglink vtex walkscore waqi watchmode wati weatherflow weatherunlocked webhookrelay webhose witai "
    "woocommerce worldpay worldweatheronline wufoo wunderground youtrack zadarma zamzar zenkit "
    "zenscrape zenserp zeplin zilliz zipbooks zonkafeedback zoominfo zulip"
)


def is_called_live(value: bytes) -> bool:
    """Whether `value` says itself that it is a key that works."""
    return bool(_LIVE.fullmatch(value))


def is_issued(value: bytes, line: bytes) -> bool:
    """Whether a vendor known by name issues such keys, or the key is sent to some API."""
    return bool(_SENT.search(line[: max(line.find(value), 0)])) or is_beside_vendor(value, line)


def is_beside_vendor(value: bytes, line: bytes) -> bool:
    """Whether the name of a vendor stands before `value` in `line`: in its name, or in an address."""
    at = line.find(value)
    parts = words(line[max(0, at - _LOOK_BACK) : max(at, 0)].decode("ascii", "replace"))
    return any(
        "".join(parts[first : first + count]) in _VENDORS
        for first in range(len(parts))
        for count in range(1, _MOST_WORDS + 1)
    )
